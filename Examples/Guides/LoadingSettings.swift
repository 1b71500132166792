import Foundation
import Hummingbird
import PipelineSettings
import ResponseCache
import ResponseCacheRedis

/// The code of the guides of PipelineSettings.
func settingsGuides() async throws {
    let settings = try Settings.load(jsonFile: "settings.json", keys: ["city": .city])
    let stores = CacheStores(default: MemoryStore(byteLimit: settings.deployment.memoryByteLimit))
    let store = try settings.store(in: stores)
    let stack = settings.pipeline {
        settings.apiEntityTagMiddleware(for: .object)
        settings.cacheMiddleware(for: .object, in: store) { $0.tags = ["city:{id}"] }
    }
    _ = stack

    var storeSettings = RedisStoreSettings()
    storeSettings.prefix = settings.storePrefix()
    _ = storeSettings
}

func reportingErrors() async {
    do {
        let settings = try Settings.load(jsonFile: "settings.json", keys: ["city": .city])
        try await serve(with: settings)
    } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
    }
}

func serve(with settings: Settings) async throws {
    let store = MemoryStore(byteLimit: settings.deployment.memoryByteLimit)
    let runtime = CacheRuntime()
    let stack = settings.pipeline {
        settings.cacheMiddleware(in: store, runtime: runtime) { $0.tags = ["city:{id}"] }
    }
    let router = Router(context: BasicPipelineRequestContext.self)
    if let secret = settings.deployment.administrationSecret {
        let administration = CacheAdministration(
            of: CacheStores(default: store), runtime: runtime, allowing: try .bearer(secret))
        router.add(middleware: PipelineMiddleware(Pipeline { administration }))
    }
    router.get("cities/{id}", use: stack.wrap(as: "CityView", findCity))
    try await Application(router: router).runService()
}

@concurrent
private func findCity(_ request: Request, context: BasicPipelineRequestContext) async throws -> String {
    try context.parameters.require("id")
}
