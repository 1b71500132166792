import HTTPPipeline
import Hummingbird
import HummingbirdPipeline

/// The three places a pipeline can have in a Hummingbird application.
func placements(
    _ stack: Pipeline,
    listCities: @escaping @Sendable @concurrent (Request, BasicPipelineRequestContext) async throws -> String
) -> some ApplicationProtocol {
    let router = Router(context: BasicPipelineRequestContext.self)

    // Around one handler. Keys know it by the name it is given.
    router.get("cities", use: stack.wrap(as: "CityListView", listCities))

    // Around the routes of a group, as an ordinary middleware. Keys know them by their path templates.
    router.group("v2").add(middleware: PipelineMiddleware(stack)).get("cities", use: listCities)

    // Around a whole application, before its router. Keys know each path.
    return Application(responder: stack.wrap(router.buildResponder()))
}
