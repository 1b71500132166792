import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import Logging
import ResponseCacheRedis

/// Converts errors to problem details. It is the outermost middleware.
struct ErrorMiddleware: RouterMiddleware {
    let logger: Logger

    @concurrent
    func handle(
        _ request: Request, context: CitiesRequestContext,
        next: @concurrent (Request, CitiesRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return details(of: error, request).response(from: request, context: context)
        }
    }

    private func details(of error: any Error, _ request: Request) -> ProblemDetails {
        switch error {
        case let error as ProblemDetails: return error
        case is StoreFailure, is RedisError:
            // Only for a request that needs the server, such as an update with a condition on a date.
            return ProblemDetails(.serviceUnavailable, "The cache's server is unavailable.")
        case let error as HTTPError:
            return ProblemDetails(error.status, error.body ?? error.status.reasonPhrase, headerFields: error.headers)
        case let error as any HTTPResponseError:
            return ProblemDetails(error.status, error.status.reasonPhrase)
        default:
            logger.error(
                "request failed",
                metadata: [
                    "error": "\(error)", "method": "\(request.method)", "path": "\(request.uri.path)",
                ])
            return ProblemDetails(.internalServerError, "Internal server error.")
        }
    }
}
