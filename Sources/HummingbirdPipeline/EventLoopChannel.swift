#if Hummingbird
import HTTPPipeline
public import HummingbirdCore
public import Logging
public import NIOCore

/// Makes connections whose requests run on their event loop; what ``HummingbirdCore/HTTPServerBuilder/onEventLoops(_:)`` makes.
public struct EventLoopChannel<Base: ServerChildChannel>: ServerChildChannel {
    private let base: Base

    /// Creates what makes such connections of those of another kind.
    ///
    /// - Parameter base: Makes the connections and answers their requests.
    public init(_ base: Base) {
        self.base = base
    }

    /// Makes a connection.
    ///
    /// - Parameters:
    ///   - channel: Its channel.
    ///   - logger: Is told what happens.
    /// - Returns: The connection.
    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        base.setup(channel: channel, logger: logger)
    }

    /// Answers the requests of a connection.
    ///
    /// - Parameters:
    ///   - value: The connection.
    ///   - logger: Is told what happens.
    public func handle(value: Base.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}
#endif
