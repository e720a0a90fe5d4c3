"""The words by which a model's own talk is told from a page, in German and English, sorted by what they speak of.

Each kind is weak by itself: pupils describe pictures, apologise, and cannot read this or that. `signs` weighs how many
kinds meet. Patterns are matched against text in lower case with plain apostrophes.
"""

from __future__ import annotations

import re

_CANNOT = r"(?:can't|cannot|can not|couldn't|could not)"
_PAPER = r"(?:images?|pictures?|photo\w*|snapshots?|screenshots?|scans?|pages?|sheets?|documents?|files?|attachments?)"
_PAPER_DE = (
    r"(?:bild(?:e[rsn]*)?|foto\w*|aufnahmen?|scans?|seiten?|bl(?:att|atte?s|ätter)|dokument\w*|datei\w*|anhangs?)"
)
_WRITING = (
    r"(?:handwrit\w*|hand-written|cursive|worksheets?|homework|assignments?|exercise book|workbook|notebook"
    r"|answer sheets?|essay|dictation|protocol|diary entry)"
)
_WRITING_DE = (
    r"(?:hand(?:schrift|geschrieben|gezeichnet)\w*|schreibschrift|arbeitsbl[aä]tt\w*|antwortbl[aä]tt\w*|notenblatt"
    r"|hausaufgaben?|\w*heft(?:s|e[sn]?|seite\w*)?|\w*block|aufsatz\w*|diktat|\w*protokoll|tagebucheintrag\w*)"
)
_COPY = (
    r"(?:transcri\w*|cop(?:y|ying|ied)|write (?:it |this |that )?down|reproduc\w*|output|transkri\w*"
    r"|ab(?:zu|ge)?schr(?:eib|ieb|ift)\w*|schreibe? [^.!?]*\bab|gebe? [^.!?]*\bwieder|wieder(?:zu)?geben|ausgeben)"
)

KINDS: dict[str, re.Pattern[str]] = {
    name: re.compile("|".join(rf"(?:\b{pattern}\b)" for pattern in patterns))
    for name, patterns in {
        # That something cannot, may not or shall not be done.
        "unable": (
            _CANNOT,
            r"(?:unable|not able|impossible|insufficient|refuse|decline|irresponsible|won't|trouble)",
            r"(?:illegible|unreadable)",
            r"not (?:possible|allowed|permitted|comfortable|legible|readable|clear|sure|something|support\w*)",
            r"(?:isn't|aren't|doesn't|does not|don't|do not)"
            r" (?:something|possible|support|see|have|find|seem|appear|view)",
            r"(?:no|nothing|without a) (?:\w+ )?(?:legible|readable|text|image|picture|photo|attachment|way|means)",
            r"(?:fail(?:ed|s)? to|beyond what|against my|rather not)",
            r"(?:(?:can )?only (?:work|able|read|handle)|pass on this)",
            r"(?:went wrong|did(?:n't| not) come|prefer not|(?:i'd|i would) rather|only received)",
            r"(?:where is the|exceeds|defeats|outside of|goes against|without a clearer)",
            r"(?:have to stop|problem with|difficult\w*|limited|unsupported|lack)",
            r"not (?:designed|equipped|in a position)",
            r"too (?:\w+ )?(?:blur\w*|dark|faint|small|low|pale|poor|unclear|noisy)",
            r"(?:kann|kannst|darf|konnten?|könnte|möchte|gelingt|lässt|lassen)\b[^.!?]*"
            r"\b(?:nicht|nichts|kein\w*|kaum)",
            r"(?:nicht|nichts|kein\w*|kaum)\b[^.!?]*"
            r"\b(?:kann|darf|konnte|lässt|möglich|erkenn\w*|lesbar\w*|vorhanden)",
            r"(?:nicht (?:möglich|in der lage|genug|lesbar|zu erkennen|stimmen)|unmöglich|unleserlich|unlesbar)",
            r"(?:gehört nicht|reicht nicht|lehne\b[^.!?]*\bab|schwierigkeiten|gebe\b[^.!?]*\bnicht\b[^.!?]*wieder)",
            r"zu (?:\w+ )?(?:unscharf|verschwommen|dunkel|blass|schwach|klein|gering|schlecht|undeutlich)",
            r"kein\w* (?:\w+ )?(?:bild\w*|foto\w*|text\w*|anhang|datei|augen|zugriff)",
            r"(?:fehlt (?:mir|die|der|das)|beschränk\w*|nur mit|abgeschaltet|verweiger\w*|weigere)",
            r"(?:unverantwortlich|nicht schlau|außerstande)",
            r"(?:übersteigt|fehlgeschlagen|schiefgegangen|nicht angekommen|ich (?:\w+ )?nicht)",
            r"(?:ablehnen|hier ist kein|lieber|wo ist das bild|nur text erhalten)",
            r"nicht (?:gestattet|erlaubt|imstande|befugt|zulässig|unterstützt|lesen|abschreiben|helfen)",
        ),
        # Reading and copying out.
        "reading": (
            _COPY,
            r"(?:read(?:ing|able)?|legible|illegible|decipher\w*|extract\w*|recogni[sz]\w*|make out)",
            r"(?:make sense|process\w*)",
            r"(?:view\w*|see|look(?:ing)? at|vision|eyes|guess\w*|determine|what is written|say what)",
            r"(?:(?:vor|aus|ab)?(?:zu)?lesen|lese|(?:un)?lesbar\w*|unleserlich|entziffer\w*|erkenn\w*|verarbeit\w*)",
            r"(?:sehen?|(?:an|ein)(?:zu)?sehen|anschauen|betrachten|auswerten|raten|öffnen|steht)",
        ),
        # The page as a thing.
        "paper": (_PAPER, _PAPER_DE),
        # Writing as a thing: who copies a page does not see it, who describes it does.
        "writing": (
            _WRITING,
            _WRITING_DE,
            r"(?:by hand|crossed out|struck through|gestrichen|spelling mistakes)",
            r"(?:lines? of (?:text|writing)|the (?:hand)?writing|scanned)",
            r"(?:von hand|durchgestrichen|rechtschreibfehler|(?:text)?zeilen|absätze)",
            r"(?:(?:ein)?ge?scann\w*|die schrift)",
        ),
        # What it was written with, and on.
        "ink": (
            r"(?:ink|ballpoint|(?:in|with) (?:a )?pencil|pencil writing)",
            r"(?:(?:lined|squared|ruled|graph|notebook) paper)",
            r"(?:tinte|füller|kugelschreiber|bleistift|(?:un)?liniert\w*|kariert\w*|checkered|faded|verblasst)",
        ),
        # How a page is made up.
        "layout": (
            r"(?:titles?|headings?|paragraphs?|columns?|rows?|labels?|sketch|diagram|drawing|exercises?|lines?)",
            r"(?:at the top|at the bottom|below|underneath|in the middle)",
            r"(?:überschrift|titel|absätze|spalten|zeilen?|skizze|schaubild|zeichnung|beschriftung\w*|aufgaben?)",
            r"(?:oben|unten|darunter|darüber|in der mitte|unter der)",
        ),
        # The page in hand: pupils seldom speak of the one that they write on.
        "this": (
            rf"(?:this|your|the (?:provided|uploaded|attached)) (?:\w+ )?(?:{_PAPER}|{_WRITING}|text)",
            r"(?:diese[rsmn]?|dein\w*|ihr\w*|hochgeladene\w*|bereitgestellte\w*)"
            rf" (?:\w+ )?(?:{_PAPER_DE}|{_WRITING_DE}|text)",
        ),
        # What is said of a page: it shows, contains, is about.
        "describing": (
            r"(?:shows?|contains?|displays?|depicts?|includes?|features?|consists?|appears?|seems?)",
            r"(?:looks? like|shown)",
            r"(?:is about|deals with|covers?|covered|filled|divided|there is|there are|i (?:can )?see|one can see)",
            r"(?:is divided|is taken from|is written|has been|have been|talks about|asks for)",
            r"(?:tells the story|i notice|we have here|belongs to|taken at)",
            r"(?:zeigt|enthält|umfasst|besteht aus|scheint|sieht nach|handelt|es geht um|behandelt|gezeigte)",
            r"(?:aufgeteilt|eingetragen|ausgefüllt|zu sehen|befindet sich|findet (?:man|sich))",
            r"(?:ich sehe|beschrieben|verfasst|folgen|liegt|haben wir hier)",
            r"(?:stammt von|mir fällt auf|wurde[n]? [^.!?]*(?:gemacht|aufgenommen|bearbeitet|ausgefüllt))",
        ),
        # The pupil, seen from outside.
        "writer": (
            r"(?:the|a|this) (?:\w+ )?(?:student|pupil|child|learner|writer)(?:'s)?",
            r"(?:the teacher has|written by a|someone's|somebody's)",
            r"(?:der|die|das|ein|eine|eines) (?:\w+ )?(?:schülers?|schülerin|kind|kindes|grundschulkind|lehrkraft)",
            r"(?:der|die) verfasser(?:in)?",
        ),
        # A verdict on the homework.
        "grading": (
            r"(?:good work|well done|(?:is|are) (?:\w+ ){0,2}(?:right|correct|tidy|neat|complete))",
            r"(?:answers all|understood)",
            r"(?:some|a few|six|several|an?) (?:\w+ )?(?:mistakes?|errors?)",
            r"(?:gute arbeit|gut gemacht|recht ordentlich|ist vollständig|beantwortet alle)",
            r"(?:verstanden|einige \w*fehler)",
        ),
        # Of a text as a whole.
        "summing up": (
            r"(?:summary|overall|in short|description|analysis|written in (?:german|english|french))",
            r"(?:zusammenfassung|insgesamt|kurz gesagt|beschreibung|analyse|auf (?:deutsch|englisch|französisch))",
            r"(?:the text|der text|the first line|die erste zeile)",
        ),
        # The assistant.
        "assistant": (
            r"(?:language model|text model|ai|an ai \w+|chatbot|assistant|text-based|the model|image input)",
            r"(?:my|the) (?:guidelines|capabilit\w+|programming|instructions|rules|training|skills)",
            r"(?:the user|this conversation|our conversation)",
            r"(?:sprachmodell|textmodell|ki|ki-\w+|computerprogramm|assistent|das modell|bildeingabe)",
            r"(?:(?:meine|den|laut den) (?:richtlinien|regeln|fähigkeiten|anweisungen?))",
            r"(?:der (?:be)?nutzer|unserem gespräch)",
        ),
        # What was asked of the model.
        "request": (
            r"(?:(?:this|that|your|the) request|comply|assist|(?:help|helping) (?:you )?with)",
            r"(?:do that|do this|the task)",
            r"(?:(?:diese[rn]?|deine[rn]?|ihre[rn]?) anfrage|weiterhelfen|behilflich|der anweisung)",
            r"(?:die aufgabe besteht)",
            r"(?:dabei kann ich|(?:das|dies) kann ich|damit kann ich|dabei nicht (?:helfen|unterstützen))",
            r"(?:the (?:full )?text|den (?:\w+ )?(?:text|inhalt|wortlaut))",
        ),
        "law": (
            r"(?:privacy|personal (?:details|information|data)|copyright\w*|polic(?:y|ies)|cheating)",
            r"(?:private (?:letters?|diary)|confidential|sensitive|identify (?:children|people|minors))",
            r"(?:datenschutz\w*|personenbezogen\w*|urheberrecht\w*|betrug)",
            r"(?:private[sn]? (?:briefe?|tagebuch)|vertraulich\w*)",
        ),
        # What is offered to, and wanted from, whoever asks.
        "service": (
            r"please (?:\w+ )?(?:upload|provide|send|share|attach|rescan|try|rotate|supply|type|note|let me|go ahead)",
            r"(?:could|can|would) you (?:please )?(?:like me|mind|try|provide|upload|describe|send|share)",
            r"(?:happy to|glad to|feel free|let me know|how can i|just upload|if you type|sending it|i'd be)",
            r"bitte (?:\w+ ){0,3}(?:hoch|erneut|neu|drehen|beachten|senden|einreichen)",
            r"(?:laden|lade|schick|sende?) (?:sie |mir )[^.!?]*\b(?:seite|bild|foto|datei|hoch|erneut)",
            r"bitte (?:reichen|laden|senden|schicken|sende|lade|schicke|schick|gib|beachten) ",
            r"(?:könntest du|könnten sie|haben sie|soll ich|möchtest du|wie kann ich|helfe ich)",
            r"(?:gern[e]? hier|eintippst)",
            r"du möchtest",
        ),
        # To whom the model speaks.
        "you": (
            r"(?:you|your|you've|you'd|you sent|du|dir|dich|dein\w*|ihnen)",
            r"(?:uploaded|provided|attached|submitted|shared)",
            r"(?:hochgeladen\w*|bereitgestellt\w*|übermittelt\w*|beigefügt|geteilt hast)",
        ),
        # How good a picture is.
        "quality": (
            r"(?:blur\w*|out of focus|too dark|resolution|quality|(?:il)?legible|unreadable|faint|unclear|clearer)",
            r"(?:cut off|upside down|rotated|well enough)",
            r"(?:unscharf|verschwommen|zu dunkel|auflösung|\w*qualität|un(?:leserlich|lesbar))",
            r"(?:(?:nicht|nichts) lesbar\w*)",
            r"(?:auf dem kopf|gedreht|abgeschnitten|schräg|gibt nicht genug her)",
        ),
        "apology": (
            r"(?:sorry|apolog\w*|unfortunately|regret\w*|i'm afraid|i am afraid|sadly)",
            r"(?:tut mir leid|leider|entschuldig\w*|bedauer\w*|verzeihung)",
        ),
        # What the model is about to do.
        "promise": (
            r"(?:i will|i'll|i'd be (?:glad|happy)|i'm (?:now )?going to|i am (?:now )?going to)",
            r"(?:i need to|i should|i have to)",
            r"(?:let me|i'm ready|ready when|we need to|we should|take a (?:closer )?look)",
            r"(?:ich werde|ich schreibe|ich gebe nun|ich muss|ich soll|ich sehe mir|ich bin bereit)",
            r"(?:wir müssen|schaue mir)",
        ),
        # How it was told to do it.
        "rules": (
            r"(?:word for word|verbatim|exact(?:ly)? (?:copy|as|what)|line by line|every line|line breaks)",
            r"(?:without (?:any )?(?:comments|remarks)|all (?:the )?(?:errors|mistakes)|not correct|correct it)",
            r"(?:wörtlich\w*|wort für wort|so genau wie möglich|jede zeile)",
            r"(?:ohne (?:anmerkungen|kommentar\w*|einleitung))",
            r"(?:zeilenumbr\w*|alle fehler|übersetzen|verbessern|translat\w*|ins \w+e übersetzt)",
        ),
        "copying": (_COPY,),
        "i": (r"(?:i|i'm|i'd|i've|i'll|me|ich|mir|mich)",),
        # What speaks against it: narration, other people's speech, letters, one's own life.
        "said": (
            r"(?:said|says|asked|sagte?|fragte|rief|schrieb|antwortete)",
            r"(?:dear|liebe[rs]?|sehr geehrte[rs]?|yours|regards|grüße|gruß|love,)",
        ),
        "own": (
            r"(?:my|our|mein\w*|unser\w*|us|uns)"
            r" (?!(?:apolog|guideline|capabilit|programming|instruction|training|skill|abilit|polic|knowledge"
            r"|conversation|best|fähigkeit|möglichkeit|kenntnis|gespräch|richtlinie))\w+",
            r"(?:he|she|him|his|her|mum|mama|oma|opa|grandma|i think|i like|ich finde|ich glaube|ich denke)",
        ),
        # What pictures show, books have and worksheets ask for.
        "scene": (
            r"(?:wom[ae]n|m[ae]n|boys?|girls?|people|famil\w+|king|soldiers?|dogs?|houses?|street|beach)",
            r"(?:frau\w*|mann\w*|männer\w*|junge\w*|mädchen|menschen|leute|familie\w*|könig\w*)",
            r"(?:ritter|soldat\w*|hund\w*)",
            r"(?:haus|häuser\w*|straßen?|film|held\w*|character|novel|roman)",
            r"(?:computers?|programm?s?|robot\w*|roboter|scanner|camera|kamera|\w*mikroskop\w*)",
            r"(?:microscope|museum|archiv\w*)",
            r"(?:blind\w*|graph|chart|diagramm\w*|means|bedeutet|is when|nennt man|bezeichnet man)",
            r"(?:painting|cartoon|caricature|poster|source|advert\w*|gemälde\w*|karikatur\w*)",
            r"(?:plakat\w*|quelle\w*|anzeige)",
            r"(?:foreground|background|left side|right side|vordergrund|hintergrund|links|rechts)",
            r"(?:(?:in|aus) dem film)",
            r"(?:(?:the|my|our) book|im buch|(?:on )?page \d+|(?:auf )?seite \d+|in the (?:story|text|film|cartoon))",
        ),
        "exercise": (
            r"\A(?:look|read|write|answer|copy|underline|mark|describe|name|complete|do not|task \d|exercise \d)",
            r"\A(?:sieh|lies|schreib\w*|beantworte|unterstreich\w*|beschreib\w*|nenne|ergänze|aufgabe \d)",
        ),
        "past": (r"(?:was|were|did|had|went|came|war|waren|hatten?|ging|kam|gab|wollte|habe ich)",),
    }.items()
}
