import CacheMiddleware
import ETag
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import NIOCore
import Repositories
import Resources
import ResponseCompression
import Workload

/// The hit of a row with everything that a whole application has around it: middleware for errors and users, compression, conditions, a
/// stamp, languages, and responses that are served while they are refreshed.
enum MeasuredStack {
    static let target = "/cities/1"

    static func addResource(to router: Router<BasicRequestContext>) {
        let store = MemoryStore(byteLimit: 64 << 20)
        let stamp = VersionStamp("cities", in: store)
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: UserMiddleware())
        router.add(
            Resource("cities", over: CityRows(141, named: "Sankt Märgen")) {
                Languages("en", others: ["de": CityRows(141, named: "Sankt Märgen")])
                Around { GzipMiddleware() }
                Conditions()
                Caching(.minutes(15), in: store, stamp: stamp) {
                    $0.stale = StalePolicy(whileRevalidating: .seconds(30), ifError: .seconds(3600))
                }
            })
    }

    /// Looks at the errors of all routes.
    private struct ErrorMiddleware: RouterMiddleware {
        @concurrent
        func handle(
            _ request: Request, context: BasicRequestContext,
            next: @concurrent (Request, BasicRequestContext) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch {
                preconditionFailure("a hit has failed: \(error)")
            }
        }
    }

    /// Looks at the credentials of all requests.
    private struct UserMiddleware: RouterMiddleware {
        @concurrent
        func handle(
            _ request: Request, context: BasicRequestContext,
            next: @concurrent (Request, BasicRequestContext) async throws -> Response
        ) async throws -> Response {
            guard request.headers[.authorization] == nil else { throw HTTPError(.unauthorized) }
            return try await next(request, context)
        }
    }
}
