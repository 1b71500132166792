import Hummingbird
import ResponseCache

func cachedRoute() -> some ApplicationProtocol {
    let cached = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: MemoryStore(byteLimit: 64 << 20))
    }
    let router = Router(context: BasicPipelineRequestContext.self)
    router.get("report", use: cached.wrap { _, _ in try await makeReport() })
    return Application(router: router)
}

private func makeReport() async throws -> String {
    try await Task.sleep(for: .seconds(1))
    return "expensive\n"
}
