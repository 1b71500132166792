import NIOCore
import Synchronization

/// The shared state of a proxy's connections.
final class FaultProxyState: Sendable {
    /// A mode and its number in the order of changes.
    typealias NumberedMode = (mode: FaultProxy.Mode, number: Int)

    private struct State {
        var mode: NumberedMode = (.pass, 0)
        var port: Int
        var clients: [ObjectIdentifier: any Channel] = [:]
        var isStopped = false
    }

    private let state: Mutex<State>

    /// Creates the state of a proxy that forwards everything to a server.
    init(port: Int) {
        state = Mutex(State(port: port))
    }

    /// The port of the server for new connections.
    var port: Int { state.withLock(\.port) }

    func setPort(_ port: Int) { state.withLock { $0.port = port } }

    var mode: NumberedMode { state.withLock(\.mode) }

    var connectionCount: Int { state.withLock(\.clients.count) }

    func setMode(_ mode: FaultProxy.Mode) {
        state.withLock { $0.mode = (mode, $0.mode.number + 1) }
    }

    /// Adds a connection, unless the proxy has stopped.
    func add(_ client: any Channel) -> Bool {
        state.withLock { state in
            if !state.isStopped { state.clients[ObjectIdentifier(client)] = client }
            return !state.isStopped
        }
    }

    func remove(_ client: any Channel) {
        state.withLock { _ = $0.clients.removeValue(forKey: ObjectIdentifier(client)) }
    }

    /// Removes and returns all connections, for the caller to close.
    func removeAll() -> [any Channel] {
        state.withLock { state in
            defer { state.clients = [:] }
            return Array(state.clients.values)
        }
    }

    func stop() { state.withLock { $0.isStopped = true } }
}
