"""From a pupil's text to a judgement that says no more than the model said.

The pipe
    judge           one text, one judgement
    blank           texts with nothing to assess: no question at all
    parts           the whole text in one question, or its sections (room, estimate: what fits)
    question        what the model is asked: the task's part, then the pupil's
    asking          at most twice for each question
    reading         what the answer gives, and what had to be left out
    merging         one reading from those of the sections
    analysis        criteria.v2 made from it
The pupil's text is data
    boundary        the line around it that it cannot contain
    control_tokens  what chat templates would take for a command, made harmless
    injection       does the text address the grader? (signs in injection_signs)
The model's answer is untrusted
    form            the JSON schema of this very task, and its skeleton for the prompt
    json_object     the one object in the answer, after certain repairs only
    latex           formulas whose backslash JSON took for its own
    consistency     does it say within a criterion that it speaks of another?
    scores          points in range or none; the overall score
    evidence        quotes that really stand in the text
    sense           empty, reasoning, other language, echo, quoted hints
    language, quoting, folding, letters   what those checks rest on
Values
    problems        what can be wrong with an answer
    values          Reading, Judgement, parse statuses
"""
