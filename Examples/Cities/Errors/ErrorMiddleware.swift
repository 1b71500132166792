import CacheMiddleware
import HTTPTypes
import Hummingbird
import Logging
import ResponseCacheRedis

/// Converts errors to the response of an ``APIError``. It is the outermost middleware.
struct ErrorMiddleware: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request,
        context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        let error: APIError
        do {
            let response = try await next(request, context)
            guard var refusal = Self.refusals[response.status], !response.headers.contains(.contentType) else {
                return response
            }
            refusal.headers = HTTPFields(response.headers.filter { $0.name != .contentLength })
            error = refusal
        } catch let thrown {
            error = Self.apiError(for: thrown, request: request, context: context)
        }
        let response = try error.response(from: request, context: context)
        // Hummingbird removes the body of a route's response to HEAD, but here there may be no route.
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The bodies of refusals, which pipelines return without a body.
    private static let refusals: [HTTPResponse.Status: APIError] = [
        .preconditionFailed: .changedMeanwhile,
        .notAcceptable: APIError(.notAcceptable, "the response is available with gzip or without a content coding"),
        .contentTooLarge: APIError(.contentTooLarge, "the body is too large"),
    ]

    /// Whether an error is a failure of the cache's server.
    private static func isAbsence(_ error: any Error) -> Bool {
        if error is RedisError { return true }
        return error is StoreFailure
    }

    private static func apiError(
        for error: any Error,
        request: Request,
        context: CitiesRequestContext
    ) -> APIError {
        if let error = error as? APIError { return error }
        // Only for a request that needs the server, such as an update with a condition on a date.
        if isAbsence(error) {
            return APIError(.serviceUnavailable, "the request needs the cache's server, which is unavailable")
        }
        switch (error as? any HTTPResponseError)?.status {
        case .notFound?:
            return APIError(.notFound, "no route for \(request.method.rawValue) \(request.uri.path)")
        case .contentTooLarge?:
            return APIError(.contentTooLarge, "the body has more than \(context.maxUploadSize) bytes")
        case let status?:
            return APIError(status, status.reasonPhrase)
        case nil:
            context.logger.error(
                "request failed",
                metadata: [
                    "error": "\(error)", "method": "\(request.method.rawValue)", "path": "\(request.uri.path)",
                ]
            )
            return APIError(.internalServerError, "internal server error")
        }
    }
}
