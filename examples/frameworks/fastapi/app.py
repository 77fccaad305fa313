"""A FastAPI application, which knows nothing of where it runs."""
import base64

from fastapi import Body, FastAPI, Header, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

app = FastAPI()


@app.get("/hello/{name}")
async def hello(name: str, tag: list[str] = Query(default=[]), x_trace: str | None = Header(default=None)):
    return {"hello": name, "tags": tag, "trace": x_trace}


@app.post("/echo")
async def echo(content=Body()):
    response = JSONResponse(content, status_code=201)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


@app.post("/upload")
async def upload(request: Request):
    body = await request.body()
    return {"bytes": len(body), "base64": base64.b64encode(body).decode()}


@app.get("/binary")
async def binary():
    return Response(bytes(range(256)), media_type="image/png")


@app.get("/old")
async def old():
    return RedirectResponse("/hello/new", 302)


@app.get("/fails")
async def fails():
    raise RuntimeError("on purpose")
