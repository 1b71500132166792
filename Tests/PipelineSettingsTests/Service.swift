import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting

/// A handler behind middleware created from settings, with manual clocks.
struct Service {
    let time = ManualTimeSource()
    let clock = ManualClock()
    let runs = HandlerCounter()
    let background = BackgroundWork()
    let stores: CacheStores
    private let handler: Handler

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - settings: The settings.
    ///   - store: The store called default.
    ///   - other: The store called other.
    ///   - placement: The middleware.
    ///   - respond: Returns the response of the handler to a run by its number.
    init(
        _ settings: Settings,
        store: (any CacheStore)? = nil,
        other: any CacheStore = RecordingStore(),
        placing placement: Placement = .cache(.view),
        respond: @escaping @Sendable (Int, Exchange) async throws -> Reply = { run, _ in .testing("run \(run)") }
    ) {
        stores = CacheStores(default: store ?? MemoryStore(byteLimit: 1 << 20, timeSource: time), ["other": other])
        let runtime = CacheRuntime.testing(time, clock: clock, background: background)
        let (runs, pipeline) = (runs, placement.pipeline(settings, stores[settings.cache.storeName]!, runtime, time))
        handler = pipeline.wrap { exchange in try await respond(runs.increment(), exchange) }
    }

    func callAsFunction(
        _ method: HTTPRequest.Method = .get,
        _ target: String = "/",
        fields: HTTPFields = [:],
        attributes: Attributes = Attributes()
    ) async throws -> Reply {
        var exchange = Exchange.testing(method, target, fields: fields)
        exchange.attributes = attributes
        return try await handler(exchange)
    }

    /// The bodies of consecutive responses.
    func texts(_ targets: String..., fields: HTTPFields = [:]) async throws -> String {
        var texts: [String] = []
        for target in targets { texts.append(try await self(.get, target, fields: fields).text()) }
        return texts.joined(separator: ", ")
    }
}

extension Reply {
    /// A field of the response.
    func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { headerFields[$0] } }
}
