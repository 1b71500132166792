#if Hummingbird
import HTTPPipeline
public import Hummingbird

/// A responder with a pipeline around it. ``HTTPPipeline/Pipeline/wrap(_:)-(Responder)`` creates it.
public struct PipelineResponder<Responder: HTTPResponder>: HTTPResponder
where Responder.Context: PipelineRequestContext & Sendable {
    /// The context of the wrapped responder.
    public typealias Context = Responder.Context

    let pipeline: Pipeline
    let responder: Responder

    /// Returns the pipeline's response to a request. The pipeline may also run the responder in the background.
    @concurrent
    public func respond(to request: Request, context: Context) async throws -> Response {
        let responder = responder
        return try await HandlerCall(request.body, context: context) { request, context, _ in
            try await responder.respond(to: request, context: context)
        }.response(to: request.head, through: pipeline, name: .path)
    }
}
#endif
