import Hummingbird
import Logging
import ResponseCache

/// The code of the guide "Warming a cache".
func warmingGuide(router: Router<BasicPipelineRequestContext>, logger: Logger) async throws {
    let responder = router.buildResponder()
    var application = Application(responder: responder)
    application.beforeServerStarts {
        var warmer = CacheWarmer(authority: "example.com")
        warmer.headerFields = [.acceptLanguage: "de"]
        let result = await warmer.warm((1...100).map { "/cities?page=\($0)" }, through: responder)
        logger.info("cache warmed: \(result.responses) responses, \(result.failureCount) failures")
    }
    try await application.runService()
}

func warmingThroughAPipeline(stack: Pipeline, listCities: @escaping Handler) async -> CacheWarmer.Result {
    let result = await CacheWarmer(authority: "example.com").warm(["/cities"], through: stack.wrap(listCities))
    return result
}
