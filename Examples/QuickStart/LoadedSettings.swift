import Hummingbird
import PipelineSettings
import ResponseCache

extension KeyConstructor {
    /// The key of one city, which changes with its version.
    static func city(_ version: some KeyBit) -> KeyConstructor {
        KeyConstructor.safeDefaultObject.adding(["version": .custom(version)])
    }
}

/// A route whose lifetimes, keys and other settings are loaded at start.
func loadedSettings(
    version: some KeyBit,
    router: Router<BasicPipelineRequestContext>,
    showCity: @escaping @Sendable @concurrent (Request, BasicPipelineRequestContext) async throws -> String
) throws {
    let stores = CacheStores(default: MemoryStore(byteLimit: 64 << 20))
    let settings = try Settings.load(jsonFile: "settings.json", keys: ["city": .city(version)])
    let store = try settings.store(in: stores)
    let stack = settings.pipeline {
        settings.entityTagMiddleware(for: .object)
        settings.cacheMiddleware(for: .object, in: store) { $0.tags = ["city:{id}"] }
    }
    router.get("cities/{id}", use: stack.wrap(as: "City", showCity))
}
