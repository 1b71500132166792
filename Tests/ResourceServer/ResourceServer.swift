#if GRDB && Hummingbird
import BulkOperations
import CacheMiddleware
import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import Resources

/// Serves ``Shop`` on a free loopback port, for the checks of Scripts/openapi.sh. The argument is the path of the database.
@main
enum ResourceServer {
    static func main() async throws {
        let path = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : NSTemporaryDirectory() + "shop.sqlite"
        let shop = try Shop(database: DatabasePool(path: path), store: MemoryStore(byteLimit: 16 << 20))
        let router = Router(context: ShopContext.self)
        router.add(middleware: TokenMiddleware())
        router.add(shop.authors, shop.books, shop.reviews)
        router.add(shop.operations)
        let document = OpenAPIDocument(
            title: "Books", version: "1", shop.authors, shop.books, shop.reviews, shop.operations)
        router.add(document)
        router.add(document.page())
        var application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                print("listening on http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
                fflush(nil)
            })
        application.addServices(OperationWorker(of: shop.operations, for: shop.authors, shop.books, shop.reviews))
        try await application.runService()
    }
}

struct ShopContext: PipelineRequestContext {
    var coreContext: CoreRequestContextStorage
    var userID: String?

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

/// The bearer token is the name of the user.
struct TokenMiddleware: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request, context: ShopContext, next: @concurrent (Request, ShopContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let authorization = request.headers[.authorization], authorization.hasPrefix("Bearer ") {
            context.userID = String(authorization.dropFirst(7))
        }
        return try await next(request, context)
    }
}
#else
@main
enum ResourceServer {
    static func main() {}
}
#endif
