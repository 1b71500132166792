import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import Hummingbird
import Logging
import ResponseCacheRedis

/// Converts errors to problem details. It is the outermost middleware.
struct ErrorMiddleware: Middleware {
    let logger: Logger

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        do {
            let reply = try await next(exchange)
            guard let error = reply.thrownError else { return reply }
            return details(of: error, exchange).reply(to: exchange.request)
        } catch {
            return details(of: error, exchange).reply(to: exchange.request)
        }
    }

    private func details(of error: any Error, _ exchange: Exchange) -> ProblemDetails {
        switch error {
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
                    "error": "\(error)", "method": "\(exchange.request.method)",
                    "path": "\(exchange.request.path ?? "")",
                ])
            return ProblemDetails(.internalServerError, "Internal server error.")
        }
    }
}
