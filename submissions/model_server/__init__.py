"""The only part that speaks HTTP to the model server (Ollama, or the development stand-in).

    server = ModelServer(settings)
    answer = server.ask(Request(model=…, messages=(Message("user", "…", (png,)),), …))

values          Request, Message, Answer
server          ModelServer: ask, models, capabilities, version; cancel_all, stop
call            one call and the handle that ends it
payload         the request's body, with the load options
catalogue       what the models can do; no model outside the school
answer          the streamed answer, believed only when it is complete
repetition      a model that repeats itself without end
exchange        one HTTP exchange through the official client
wire, network   sockets, and what their failures mean
deadlines       connect, first byte, between bytes, total
cancellation    ending a call from another thread
classify        an error of the server to one fault (tables: setup_errors, server_errors)
"""

from submissions.model_server.answer import OnToken
from submissions.model_server.call import Call
from submissions.model_server.payload import load_options
from submissions.model_server.server import ModelServer
from submissions.model_server.values import THINK_OFF, Answer, Message, Request

__all__ = ["THINK_OFF", "Answer", "Call", "Message", "ModelServer", "OnToken", "Request", "load_options"]
