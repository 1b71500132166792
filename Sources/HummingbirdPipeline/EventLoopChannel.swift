#if Hummingbird
import HTTPPipeline
public import HummingbirdCore
public import Logging
public import NIOCore

/// A channel whose connections handle requests on their event loop.
/// ``HummingbirdCore/HTTPServerBuilder/onEventLoops(_:)`` creates it.
public struct EventLoopChannel<Base: ServerChildChannel>: ServerChildChannel {
    private let base: Base

    /// Creates a channel that moves the requests of another channel's connections to their event loops.
    ///
    /// - Parameter base: The channel that sets up the connections and handles their requests.
    public init(_ base: Base) {
        self.base = base
    }

    /// Sets up a connection.
    ///
    /// - Parameters:
    ///   - channel: The connection's channel.
    ///   - logger: The logger for the connection.
    /// - Returns: The connection.
    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger)
    }

    /// Handles the requests of a connection.
    ///
    /// - Parameters:
    ///   - value: The connection.
    ///   - logger: The logger for the connection.
    public func handle(value: Base.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
#endif
