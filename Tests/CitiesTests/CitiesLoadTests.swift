import Dispatch
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Cities

/// The server with many connections and with idle ones.
@Suite(.timeLimit(.minutes(5)))
struct CitiesLoadTests {
    private static let connectionCount = 1000

    @Test func `1,000 clients connect at once to a busy server`() async throws {
        // And are accepted together.
        try await withRunningApplication { server, _ in
            let batches = AcceptedBatches(expecting: Self.connectionCount)
            try await server.pipeline.addHandler(batches, position: .first).get()

            let busy = DispatchSemaphore(value: 0)
            server.eventLoop.execute { busy.wait() }
            let clients: [any Channel]
            do {
                // With a smaller backlog the kernel drops handshakes, and these connections would wait while the server is busy.
                clients = try await Self.connect(to: server)
                busy.signal()
            } catch {
                busy.signal()
                throw error
            }

            let counts = await batches.finished()
            #expect(counts.reduce(0, +) == Self.connectionCount)
            #expect(counts.max() ?? 0 > Self.connectionCount / 2, "\(counts)")
            for client in clients { client.close(promise: nil) }
        }
    }

    @Test func `An incomplete request does not delay the shutdown`() async throws {
        try await withRunningApplication(idleTimeout: .seconds(2)) { server, shutDown in
            let client = try await ClientBootstrap(group: Self.clientGroup)
                .connect(to: try #require(server.localAddress)).get()
            let head = "PUT /cities/1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
            try await client.writeAndFlush(ByteBuffer(string: head))
            shutDown()
            try await client.closeFuture.get()
        }
    }

    /// Event loops of clients, which run while those of the server are busy.
    private static let clientGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private static func connect(to server: any Channel) async throws -> [any Channel] {
        let address = try #require(server.localAddress)
        let connections = (0..<connectionCount).map { _ in
            ClientBootstrap(group: clientGroup).connect(to: address)
        }
        return try await EventLoopFuture.whenAllSucceed(connections, on: clientGroup.next()).get()
    }

    /// Runs the application on a free port and stops it after `body`, which may stop it earlier.
    private func withRunningApplication(
        idleTimeout: TimeAmount = .seconds(60),
        _ body:
            @escaping @Sendable (_ server: any Channel, _ shutDown: @escaping @Sendable () -> Void) async throws
            -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            var configuration = CitiesConfiguration(
                port: 0, idleTimeout: idleTimeout, database: .sqlite(path: folder.appending(path: "cities.sqlite").path)
            )
            configuration.logger.logLevel = .critical
            let (servers, continuation) = AsyncStream.makeStream(of: (any Channel).self)
            let application = try await buildApplication(configuration) { continuation.yield($0) }
            let group = ServiceGroup(services: [application], logger: configuration.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    defer { continuation.finish() }
                    try await group.run()
                }
                tasks.addTask {
                    for await server in servers {
                        let shutDown: @Sendable () -> Void = { Task { await group.triggerGracefulShutdown() } }
                        defer { shutDown() }
                        try await body(server, shutDown)
                        return
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }
}

/// Counts the connections that a listening channel accepts in each turn of its event loop.
private final class AcceptedBatches: ChannelInboundHandler, Sendable {
    typealias InboundIn = any Channel

    private struct State {
        var batches: [Int] = []
        var current = 0
        var remaining: Int
    }

    private let state: Mutex<State>
    private let (stream, continuation) = AsyncStream.makeStream(of: [Int].self)

    init(expecting count: Int) {
        state = Mutex(State(remaining: count))
    }

    /// The sizes of the batches, when all expected connections have been accepted.
    func finished() async -> [Int] {
        for await batches in stream { return batches }
        return []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        state.withLock { state in
            state.current += 1
            state.remaining -= 1
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let finished = state.withLock { state -> [Int]? in
            state.batches.append(state.current)
            state.current = 0
            return state.remaining <= 0 ? state.batches : nil
        }
        if let finished { continuation.yield(finished) }
        context.fireChannelReadComplete()
    }
}
