"""A Flask application, which knows nothing of where it runs."""
import base64

from flask import Flask, Response, jsonify, redirect, request

app = Flask(__name__)


@app.get("/hello/<name>")
def hello(name):
    return jsonify(hello=name, tags=request.args.getlist("tag"), trace=request.headers.get("x-trace"))


@app.post("/echo")
def echo():
    response = jsonify(request.get_json())
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response, 201


@app.post("/upload")
def upload():
    return jsonify(bytes=len(request.data), base64=base64.b64encode(request.data).decode())


@app.get("/binary")
def binary():
    return Response(bytes(range(256)), mimetype="image/png")


@app.get("/old")
def old():
    return redirect("/hello/new", 302)


@app.get("/fails")
def fails():
    raise RuntimeError("on purpose")
