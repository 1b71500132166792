import NIOCore
import NIOPosix

/// A proxy between clients and a server on 127.0.0.1 that injects faults.
public final class FaultProxy: Sendable {
    /// The port on 127.0.0.1 that clients connect to.
    public let port: Int

    private let listener: any Channel
    private let state: FaultProxyState

    private init(listener: any Channel, state: FaultProxyState) throws {
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        self.port = port
        self.listener = listener
        self.state = state
    }

    deinit { listener.close(promise: nil) }

    /// Starts a proxy that forwards everything.
    ///
    /// - Parameter port: The port of the server. The modes `drop` and `garbage` work without a server.
    /// - Returns: The proxy.
    /// - Throws: The error of the system if no port is available.
    public static func start(to port: Int) async throws -> FaultProxy {
        let state = FaultProxyState(port: port)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { FaultProxyConnection.open(from: $0, state: state) }
            .bind(host: "127.0.0.1", port: 0).get()
        return try FaultProxy(listener: listener, state: state)
    }

    /// Sets the mode for all data from now on, on existing connections too.
    ///
    /// - Parameter mode: The new mode.
    public func setMode(_ mode: Mode) { state.setMode(mode) }

    /// Connects new clients to another server. Existing connections stay.
    ///
    /// - Parameter port: The port of the server.
    public func setTarget(_ port: Int) { state.setPort(port) }

    /// The number of connected clients. A client is counted soon after it has connected, and before any data is forwarded.
    public var connectionCount: Int { state.connectionCount }

    /// Closes all connections.
    public func disconnectAll() async {
        for client in state.removeAll() {
            try? await client.close().get()
        }
    }

    /// Closes all connections and accepts no more.
    public func stop() async {
        state.stop()
        try? await listener.close().get()
        await disconnectAll()
    }
}
