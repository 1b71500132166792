import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting

extension SettingEffect {
    /// The effects of settings on what is stored, how long, and for which clients.
    static let cache: [SettingEffect] = [
        .init("preset", "drf", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings).texts("/a?b", "/a?c")
        },
        .init("cache.lifetime", "60", from: "run 1", to: "run 2") { settings in
            let service = Service(settings)
            _ = try await service()
            service.time.advance(by: .seconds(61))
            return try await service().text()
        },
        .init("cache.statusLifetimes.404", "10", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings) { run, _ in .testing("run \(run)", status: .notFound) }.texts("/", "/")
        },
        .init("cache.key", "default", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings).texts("/a?b", "/a?c")
        },
        .init("cache.cachesErrors", "true", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings) { run, _ in .testing("run \(run)", status: .notFound) }.texts("/", "/")
        },
        .init(
            "cache.cachesThrownErrors", "false", alongside: ["cache.cachesErrors": "true"],
            from: "run 1, run 1", to: "run 1, run 2"
        ) { settings in
            try await Service(settings) { run, _ in
                var reply = Reply.testing("run \(run)", status: .notFound)
                reply.thrownError = FailingStore.Failure()
                return reply
            }.texts("/", "/")
        },
        .init("cache.sharing", "public", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings).texts("/", "/", fields: [.authorization: "Bearer token"])
        },
        .init("cache.credentialFields", "X-Token", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings).texts("/", "/", fields: [HTTPField.Name("X-API-Key")!: "key"])
        },
        .init("cache.credentialCookies", "session, auth_*", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings).texts("/", "/", fields: [.cookie: "_ga=1; theme=dark"])
        },
        .init("cache.maximumBodySize", "4", from: "run 1, run 1", to: "run 1, run 2") { settings in
            try await Service(settings).texts("/", "/")
        },
        .init("cache.storesSetCookie", "true", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings) { run, _ in .testing("run \(run)", fields: [.setCookie: "a=b"]) }.texts(
                "/", "/")
        },
        .init("cache.unstoredFields", "Server, X-Trace", from: "a", to: "none") { settings in
            let service = Service(settings) { run, _ in .testing("", fields: [.server: "a"]) }
            _ = try await service()
            return try await service().field("Server") ?? "none"
        },
        .init("cache.staleWhileRevalidate", "30", alongside: ["cache.lifetime": "60"], from: "run 2", to: "run 1") {
            settings in
            let service = Service(settings)
            _ = try await service()
            service.time.advance(by: .seconds(61))
            return try await service().text()
        },
        .init("cache.staleIfError", "30", alongside: ["cache.lifetime": "60"], from: "503", to: "200") { settings in
            let service = Service(settings) { run, _ in .testing("", status: run == 1 ? .ok : .serviceUnavailable) }
            _ = try await service()
            service.time.advance(by: .seconds(61))
            return "\(try await service().status.code)"
        },
        .init("cache.earlyRefresh", "1", alongside: ["cache.lifetime": "60"], from: "1 run", to: "2 runs") { settings in
            // The handler takes 100 seconds, so with the tests' random number a refresh begins 69 seconds before the end.
            let clock = ManualClock()
            let time = ManualTimeSource()
            let background = BackgroundWork()
            let runs = HandlerCounter()
            let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
            let runtime = CacheRuntime.testing(time, clock: clock, background: background)
            let handler = Pipeline([settings.cacheMiddleware(in: store, runtime: runtime)]).wrap { _ in
                clock.advance(by: .seconds(100))
                return .testing("run \(runs.increment())")
            }
            _ = try await handler(.testing())
            _ = try await handler(.testing())
            await background.waitUntilIdle()
            return runs.count == 1 ? "1 run" : "\(runs.count) runs"
        },
        .init("cache.lifetimeJitter", "1", alongside: ["cache.lifetime": "60"], from: "run 1", to: "run 2") {
            settings in
            let service = Service(settings)
            _ = try await service()
            service.time.advance(by: .seconds(45))
            return try await service().text()
        },
        .init("cache.honorsNoCache", "true", from: "run 1, run 1", to: "run 1, run 2") { settings in
            try await Service(settings).texts("/", "/", fields: [.cacheControl: "no-cache"])
        },
        .init("cache.purgesURL", "false", from: "run 3", to: "run 1") { settings in
            let service = Service(settings)
            _ = try await service()
            _ = try await service(.post)
            return try await service().text()
        },
        .init(
            "cache.purgeMode", "soft", alongside: ["cache.lifetime": "60", "cache.staleWhileRevalidate": "30"],
            from: "run 3", to: "run 1"
        ) { settings in
            let service = Service(settings)
            _ = try await service()
            _ = try await service(.post)
            return try await service().text()
        },
        .init("cache.name", "edge", from: "ResponseCache; fwd=uri-miss; stored", to: "edge; fwd=uri-miss; stored") {
            settings in
            try await Service(settings)().field("Cache-Status") ?? "none"
        },
        .init("cache.sendsStatus", "false", from: "ResponseCache; fwd=uri-miss; stored", to: "none") { settings in
            try await Service(settings)().field("Cache-Status") ?? "none"
        },
        .init("cache.explainsStatus", "true", from: "unexplained", to: "explained") { settings in
            let status = try await Service(settings)().field("Cache-Status") ?? ""
            return status.contains("key=") ? "explained" : "unexplained"
        },
    ]
}
