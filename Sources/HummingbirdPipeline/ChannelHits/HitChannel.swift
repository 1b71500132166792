#if Hummingbird
import HTTPPipeline
import HummingbirdCore
import Logging
import NIOCore

/// A channel whose connections handle requests on their event loop, and answer hits in front of the HTTP/1 decoder.
struct HitChannel: ServerChildChannel {
    private let base: HTTP1Channel
    private let tables: HitTables
    private let marksActivity: Bool

    /// Creates a channel.
    ///
    /// - Parameters:
    ///   - base: The channel that sets up the connections and handles their requests.
    ///   - tables: The responses of the event loops.
    ///   - marksActivity: Whether connections that are idle are closed, so that hits have to count as activity.
    init(_ base: HTTP1Channel, tables: HitTables, marksActivity: Bool) {
        self.base = base
        self.tables = tables
        self.marksActivity = marksActivity
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        do {
            try channel.pipeline.syncOperations.addHandler(HitHandler(tables.table(of: channel.eventLoop)))
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return base.setup(channel: channel, logger: logger).map { value in
            // It fails if the client has closed the connection already. The value must not be dropped: a connection that is not handled
            // ends the process.
            if marksActivity { try? ActivityMarker.add(to: channel) }
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        let channel = value.channel
        let recorder = try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: HitHandler.self).recorder
        }.get()
        await withTaskExecutorPreference(EventLoopExecutor(channel.eventLoop)) {
            await HitRecorder.$bound.withValue(recorder) {
                await base.handle(value: value, logger: logger)
            }
        }
    }
}
#endif
