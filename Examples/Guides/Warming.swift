import Hummingbird
import Logging
import ResponseCache

/// The code of the guide "Warming a cache".
func warmingGuide(stack: Pipeline, listCities: @escaping Handler, logger: Logger) async {
    var warmer = CacheWarmer(authority: "example.com")
    warmer.scheme = "https"
    warmer.headerFields = [.acceptLanguage: "de"]
    let targets = (1...100).map { "/cities?page=\($0)" }
    let result = await warmer.warm(targets, through: stack.wrap(listCities))
    logger.info("cache warmed", metadata: ["responses": "\(result.responses)", "failures": "\(result.failureCount)"])
}

func warmingThroughARouter(router: Router<BasicPipelineRequestContext>) async -> CacheWarmer.Result {
    let responder = router.buildResponder()
    let result = await CacheWarmer(authority: "example.com").warm(["/cities"], through: responder)
    return result
}
