import CacheMiddleware
import HTTPTypes
import Hummingbird
import Logging
import ResponseCacheRedis

/// Turns whatever goes wrong into an ``APIError``'s answer. It is the outermost.
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
        // Hummingbird removes the body from what routes answer to HEAD; here no route may have been found.
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// What pipelines refuse without a body.
    private static let refusals: [HTTPResponse.Status: APIError] = [
        .preconditionFailed: .changedMeanwhile,
        .notAcceptable: APIError(.notAcceptable, "the answer is to be had in gzip or without a content coding"),
        .contentTooLarge: APIError(.contentTooLarge, "the body is too large"),
    ]

    /// Whether the cache's server could not be asked.
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
        // Only for a request that asks for what nobody else knows, such as an update on condition of a date.
        if isAbsence(error) {
            return APIError(.serviceUnavailable, "this needs the cache's server, which cannot be asked at present")
        }
        switch (error as? any HTTPResponseError)?.status {
        case .notFound?:
            return APIError(.notFound, "there is no \(request.method.rawValue) \(request.uri.path)")
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
            return APIError(.internalServerError, "something went wrong on the server")
        }
    }
}
