#if FlyingFox
import FlyingFox
import FlyingFoxPipeline
import FlyingSocks
import NIOCore
import NIOPosix

/// Runs a server with routes on a free port of the loopback interface while a closure sends requests.
func withServer(
    routes: [(HTTPRoute, PipelineHandler)], _ body: (TestClient) async throws -> Void
) async throws {
    let address = try sockaddr_in.inet(ip4: "127.0.0.1", port: 0)
    let server = HTTPServer(address: address, logger: .disabled)
    for (route, handler) in routes { await server.appendRoute(route, to: handler) }
    let task = Task { try await server.run() }
    defer { task.cancel() }
    try await server.waitUntilListening()
    guard case .ip4(_, let port)? = await server.listeningAddress else { throw TestClient.NoAddress() }
    try await body(TestClient(port: Int(port)))
}

/// Runs a server with one handler for all requests.
func withServer(_ handler: PipelineHandler, _ body: (TestClient) async throws -> Void) async throws {
    try await withServer(routes: [("/*", handler)], body)
}

/// A client that sends each request on its own connection and returns the bytes of the response as the server wrote them.
struct TestClient {
    struct NoAddress: Error {}

    struct Response {
        var status: Int
        var lines: [(name: String, value: String)]
        var body: ByteBuffer

        var text: String { String(buffer: body) }

        subscript(name: String) -> String? { lines.first { $0.name.lowercased() == name.lowercased() }?.value }
    }

    let port: Int

    var host: String { "127.0.0.1:\(port)" }

    func send(
        _ method: String, _ target: String, _ fields: [String: String] = [:], body: String? = nil
    ) async throws -> Response {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let fields = fields.map { "\($0): \($1)\r\n" }.joined()
        let length = body.map { "Content-Length: \($0.utf8.count)\r\n" } ?? ""
        let head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(fields)\(length)\r\n"
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: head + (body ?? "")))
            var received = ByteBuffer()
            for try await var buffer in inbound { received.writeBuffer(&buffer) }
            return Response(received)
        }
    }
}

extension TestClient.Response {
    /// Reads a response that ends with its connection.
    init(_ received: ByteBuffer) {
        var received = received
        let view = received.readableBytesView
        let end = view.indices.first { view[$0...].starts(with: Array("\r\n\r\n".utf8)) } ?? view.endIndex
        let head = String(buffer: received.readSlice(length: end - view.startIndex)!)
        received.moveReaderIndex(forwardBy: min(4, received.readableBytes))
        let lines = head.split(separator: "\r\n").map(String.init)
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        self.lines = lines.dropFirst().compactMap { line in
            line.firstIndex(of: ":").map {
                (String(line[..<$0]), line[$0...].dropFirst().trimmingPrefix(" ").description)
            }
        }
        body = ByteBuffer()
        guard self["Transfer-Encoding"] == "chunked" else {
            body = received
            return
        }
        // The last chunk and what follows it must be present: a failed stream has none.
        while let size = Self.line(from: &received).flatMap({ Int($0, radix: 16) }) {
            if size == 0 { return }
            guard var chunk = received.readSlice(length: size), Self.line(from: &received) == "" else { break }
            body.writeBuffer(&chunk)
        }
        status = 0
    }

    private static func line(from buffer: inout ByteBuffer) -> String? {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = buffer.readString(length: end - buffer.readerIndex - 1)
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }
}
#endif
