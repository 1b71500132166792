#if Hummingbird
public import CacheMiddleware
import HTTPPipeline
import NIOConcurrencyHelpers
import NIOCore

/// Answers repeated requests for cached responses in the channel, before the request is parsed.
///
/// ```swift
/// let hits = ChannelHits(runtime: runtime)
/// let app = Application(router: router, server: .onEventLoops(answeringHits: hits))
/// ```
///
/// Only routes with `CacheSettings.answersBelowFramework` are affected. See <doc:AnsweringHitsInTheChannel>.
public struct ChannelHits: Sendable {
    let settings: ChannelHitSettings
    let figures: ReuseFigures

    /// Creates the configuration of a server.
    ///
    /// - Parameters:
    ///   - runtime: The runtime of the caches, whose administration shows the figures.
    ///   - settings: The limits and hooks.
    public init(runtime: CacheRuntime, settings: ChannelHitSettings = ChannelHitSettings()) {
        precondition(settings.responseLimit > 0 && settings.byteLimit > 0, "ChannelHits needs limits above 0")
        self.settings = settings
        figures = runtime.activity.reuse
        figures.open()
    }
}

/// The tables of one server, one for each event loop: the scheme, and what the router does, are those of the server.
final class HitTables: Sendable {
    private let hits: ChannelHits
    private let tables = NIOLockedValueBox<[ObjectIdentifier: HitTable]>([:])

    init(_ hits: ChannelHits) {
        self.hits = hits
    }

    /// Returns the table of an event loop, which must be the current one.
    func table(of eventLoop: any EventLoop) -> HitTable {
        eventLoop.preconditionInEventLoop()
        return tables.withLockedValue { tables in
            let id = ObjectIdentifier(eventLoop)
            if let table = tables[id] { return table }
            let table = HitTable(hits, on: eventLoop)
            tables[id] = table
            return table
        }
    }
}
#endif
