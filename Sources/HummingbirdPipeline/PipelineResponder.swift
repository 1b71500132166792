#if Hummingbird
import HTTPPipeline
public import Hummingbird

/// A responder with a pipeline around it; what ``HTTPPipeline/Pipeline/wrap(_:)-(Responder)`` makes.
public struct PipelineResponder<Responder: HTTPResponder>: HTTPResponder
where Responder.Context: PipelineRequestContext & Sendable {
    /// The context of the wrapped responder.
    public typealias Context = Responder.Context

    let pipeline: Pipeline
    let responder: Responder

    /// Answers a request through the pipeline, which may run the responder in the background as well.
    @concurrent
    public func respond(to request: Request, context: Context) async throws -> Response {
        let responder = responder
        return try await HandlerCall(request.body, context: context) { request, context, _ in
            try await responder.respond(to: request, context: context)
        }.response(to: request.head, through: pipeline, name: .path)
    }
}
#endif
