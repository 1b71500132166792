#if Hummingbird
import HTTPPipeline
public import Hummingbird

/// A responder with a pipeline around it. ``HTTPPipeline/Pipeline/wrap(_:)-(Responder)`` creates it.
public struct PipelineResponder<Responder: HTTPResponder>: HTTPResponder
where Responder.Context: PipelineRequestContext {
    /// The context of the wrapped responder.
    public typealias Context = Responder.Context

    let pipeline: Pipeline
    let responder: Responder

    /// Returns the pipeline's response to a request. The pipeline may also run the responder in the background.
    @concurrent
    public func respond(to request: Request, context: Context) async throws -> Response {
        let responder = responder
        let own = HummingbirdRequest(request.body, context: context) { request, context, _ in
            try await responder.respond(to: request, context: context)
        }
        return try await pipeline.response(to: request.head, as: .path, ContextFacts(context), for: own)
    }
}
#endif
