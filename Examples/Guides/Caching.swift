import Hummingbird
import ResponseCache

/// The code of the guides of CacheMiddleware.
func cachingGuides(store: some CacheStore, router: Router<BasicPipelineRequestContext>, secret: String) async throws {
    _ = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store) {
            $0.tags = ["cities", "city:{id}"]
            $0.purgesTags = ["cities", "city:{id}"]
        }
    }

    _ = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store) { $0.explainsStatus = true }
    }

    try await store.purge(.tag("city:2950159"))
    try await store.purge(.url("/cities/2950159"), mode: .soft)
    try await store.purge(.prefix("/cities"))

    await invalidating(store: store, updatedAt: VersionStamp("cities", in: store), runtime: CacheRuntime())

    let runtime = CacheRuntime()
    let stack = Pipeline {
        CacheResponseMiddleware(.minutes(15), in: store, runtime: runtime)
    }
    let access = try AccessCheck.bearer(secret)
    let administration = Pipeline {
        CacheAdministration(of: CacheStores(default: store), runtime: runtime, allowing: access)
    }
    let app = Application(responder: administration.wrap(router.buildResponder()))
    try await app.runService()
    _ = stack
}

private func invalidating(store: some CacheStore, updatedAt: VersionStamp, runtime: CacheRuntime) async {
    let invalidations = InvalidationService(in: store, runtime: runtime)
    await invalidations.invalidate([.tag("city:2950159"), .tag("cities")], touching: [updatedAt])
}
