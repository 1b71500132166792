import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import PipelineSettings
import PipelineTesting
import RedisTransport

extension SettingEffect {
    /// The effects of settings on the objects that an application creates from them.
    static let deployment: [SettingEffect] = [
        .init("memory.byteLimit", "1000", from: "run 1, run 1", to: "run 1, run 2") { settings in
            let store = MemoryStore(byteLimit: settings.deployment.memoryByteLimit)
            let body = String(repeating: "x", count: 1000)
            let service = Service(settings, store: store) { run, _ in .testing("run \(run)" + body) }
            return try await service.texts("/", "/").replacing(body, with: "")
        },
        .init("redis.url", "redis://host:7000", from: "none", to: "redis://host:7000/0") { settings in
            try settings.deployment.redisURL.map { "\(try RedisEndpoint(url: $0))" } ?? "none"
        },
        .init("redis.prefix", "cities:", from: "response-cache:", to: "cities:") { settings in settings.storePrefix() },
        .init("administration.secret", "correct horse battery", from: "none", to: "200") { settings in
            guard let secret = settings.deployment.administrationSecret else { return "none" }
            let administration = CacheAdministration(
                of: CacheStores(default: RecordingStore()), runtime: .testing(), allowing: try .bearer(secret))
            let handler = Pipeline { administration }.wrap { _ in .testing("") }
            let reply = try await handler(
                .testing(
                    .get, "/cache-administration/statistics", fields: [.authorization: "Bearer correct horse battery"]))
            return "\(reply.status.code)"
        },
    ]
}
