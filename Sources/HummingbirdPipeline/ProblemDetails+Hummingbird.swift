#if Hummingbird
public import HTTPPipeline
public import Hummingbird

/// Handlers and middleware can throw problem details, and middleware can return them as a response.
///
/// ```swift
/// throw ProblemDetails(.notFound, "There is no such city.")
/// ```
extension ProblemDetails: HTTPResponseError {
    /// Returns the response in the form that the request's Accept selects.
    public func response(from request: Request, context: some RequestContext) -> Response {
        reply(to: request.head).rendering
    }
}
#endif
