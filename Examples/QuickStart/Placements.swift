import Hummingbird
import ResponseCache

/// The three places a pipeline can have in a Hummingbird application.
func placements(
    _ stack: Pipeline, store: some CacheStore,
    listCities: @escaping @Sendable @concurrent (Request, BasicPipelineRequestContext) async throws -> String
) -> some ApplicationProtocol {
    let router = Router(context: BasicPipelineRequestContext.self)

    // Around one handler. Its keys contain the given name.
    router.get("cities", use: stack.wrap(as: "CityListView", listCities))

    // Around the routes of a group, as a middleware. Their keys contain the path templates.
    router.group("v2")
        .add(middleware: PipelineMiddleware { CacheResponseMiddleware(.minutes(15), in: store) })
        .get("cities", use: listCities)

    // Around a whole application, before its router. Keys contain the path.
    return Application(responder: stack.wrap(router.buildResponder()))
}
