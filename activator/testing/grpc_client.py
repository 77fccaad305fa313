"""Calls the echo service of grpc.test.ts in all four kinds, and gRPC's own health service."""
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

address, authority = sys.argv[1:]
channel = grpc.insecure_channel(address, options=[("grpc.default_authority", authority)])
same = lambda value: value
health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="echo.Echo"), timeout=10)
print("health", health_pb2.HealthCheckResponse.ServingStatus.Name(health.status))
unary = channel.unary_unary("/echo.Echo/Unary", same, same)
print("unary", unary(b"hello", timeout=10).decode())
client = channel.stream_unary("/echo.Echo/ClientStream", same, same)
print("client", client((f"{i},".encode() for i in range(3)), timeout=10).decode())
server = channel.unary_stream("/echo.Echo/ServerStream", same, same)
print("server", len(list(server(b"n", timeout=10))))
duplex = channel.stream_stream("/echo.Echo/Duplex", same, same)
print("duplex", *(part.decode() for part in duplex((f"q{i}".encode() for i in range(3)), timeout=10)))
try:
    unary(b"fail", timeout=10)
except grpc.RpcError as error:
    print("fail", error.code().value[0], error.details())
