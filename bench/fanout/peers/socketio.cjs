// A peer for fan-out: Socket.IO on Node's own HTTP server, where a POST sends its body as an event
// to every client. Prints `ready`, then where devices connect and where to send.
"use strict";
const http = require("node:http");
const { Server } = require("socket.io");

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.emit("m", Buffer.concat(parts).toString());
    response.setHeader("Content-Length", 0);
    response.end();
  });
});
const io = new Server(server, { transports: ["websocket"], serveClient: false });

server.keepAliveTimeout = 0; // a sender may be idle between two runs
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  const address = `127.0.0.1:${server.address().port}`;
  console.log(`ready ${address} ${address}`);
});
