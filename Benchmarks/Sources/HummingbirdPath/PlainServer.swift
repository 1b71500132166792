import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdPipeline
import Logging
import NIOCore

/// Hummingbird with two routes that return prepared bytes: what a server costs without an application, for `compare-servers`.
struct PlainServer {
    let smallByteCount: Int
    let largeByteCount: Int
    /// Whether requests run on the event loop of their connection.
    let runsOnEventLoops: Bool

    /// Prints the port, and serves until the process ends.
    func run() async throws {
        let router = Router()
        for (path, count) in [("small", smallByteCount), ("large", largeByteCount)] {
            let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: count)
            router.get("\(path)") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
            }
        }
        var logger = Logger(label: "plain")
        logger.logLevel = .error
        let application = Application(
            router: router,
            server: runsOnEventLoops ? .onEventLoops() : .http1(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in
                // A file handle does not buffer.
                let line = "listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)\n"
                FileHandle.standardOutput.write(Data(line.utf8))
            },
            logger: logger
        )
        try await application.run()
    }
}
