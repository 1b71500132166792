import NIOCore
import NIOPosix

/// Stands between clients and a server on 127.0.0.1, and spoils what they tell each other.
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

    /// Starts a proxy that passes everything.
    ///
    /// - Parameter port: The port of the server. In the modes `drop` and `garbage`, there need not be one.
    /// - Returns: The proxy.
    /// - Throws: The error of a system that has no port.
    public static func start(to port: Int) async throws -> FaultProxy {
        let state = FaultProxyState(port: port)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { FaultProxyConnection.open(from: $0, state: state) }
            .bind(host: "127.0.0.1", port: 0).get()
        return try FaultProxy(listener: listener, state: state)
    }

    /// Does something else with all that comes from now on, on present connections too.
    ///
    /// - Parameter mode: What to do.
    public func setMode(_ mode: Mode) { state.setMode(mode) }

    /// Leads connections that are made from now on to another server. Present ones stay where they are.
    ///
    /// - Parameter port: The port of the server.
    public func setTarget(_ port: Int) { state.setPort(port) }

    /// How many clients are connected. A client is counted soon after it has connected, and before anything is passed.
    public var connectionCount: Int { state.connectionCount }

    /// Closes the connections there are.
    public func disconnectAll() async {
        for client in state.removeAll() {
            try? await client.close().get()
        }
    }

    /// Closes everything and accepts no more.
    public func stop() async {
        state.stop()
        try? await listener.close().get()
        await disconnectAll()
    }
}
