import Hummingbird
import PipelineSettings
import ResponseCache

/// The code of the guide "Recipes".
func recipes(store: some CacheStore) async throws {
    _ = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store) { $0.statusLifetimes = [404: .seconds(10)] }

        CacheResponseMiddleware(
            .minutes(15),
            key: .safeDefault.removing("target").adding([
                "path": .path, "query": .queryParameters(ignoring: ["utm_*", "fbclid"]),
            ]),
            in: store)

        CacheResponseMiddleware(.minutes(15), key: .safeDefault.adding(["theme": .cookies(["theme"])]), in: store)

        CacheResponseMiddleware(.minutes(15), in: store) { $0.credentialCookies = .allExcept(["_ga*", "_fbp"]) }

        CacheResponseMiddleware(.minutes(15), in: store) { $0.sharing = .public }

        CacheResponseMiddleware(.minutes(15), in: store) { $0.sharing = .perUser }

        CacheResponseMiddleware(
            .computed { exchange, _ in exchange.queryParameters["preview"] == nil ? .minutes(15) : .doNotStore },
            in: store)

        CacheResponseMiddleware(.minutes(15), in: store) { $0.honorsNoCache = true }

        CacheResponseMiddleware(.minutes(15), in: store) {
            $0.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
        }

        CacheResponseMiddleware(.minutes(15), in: store) { $0.lifetimeJitter = 0.1 }

        CacheResponseMiddleware(.minutes(15), key: .safeDefault.adding(["release": .constant("2026-11-28")]), in: store)
    }
    try await store.purge(.everything)
}
