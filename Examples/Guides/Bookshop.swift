import Hummingbird
import ResponseCache

@main
struct Bookshop {
    static func main() async throws {
        let books = Books()
        let stack = Pipeline {
            ETagMiddleware()
            CacheResponseMiddleware(.minutes(15), in: MemoryStore(byteLimit: 64 << 20))
        }
        let router = Router(context: BasicPipelineRequestContext.self)
        router.get("books/{id}", use: stack.wrap { _, context in try await books.find(context.bookID) })
        router.put(
            "books/{id}",
            use: stack.wrap { request, context in
                let book = try await request.decode(as: Book.self, context: context)
                return await books.replace(context.bookID, by: book)
            })
        try await Application(router: router).runService()
    }
}

struct Book: ResponseCodable {
    var title: String
    var price: Double
}

actor Books {
    private var books = ["1": Book(title: "Dune", price: 9.5)]

    func find(_ id: String) async throws -> Book {
        try await Task.sleep(for: .seconds(1))  // a slow query
        guard let book = books[id] else { throw HTTPError(.notFound) }
        return book
    }

    func replace(_ id: String, by book: Book) -> Book {
        books[id] = book
        return book
    }
}

extension BasicPipelineRequestContext {
    var bookID: String { parameters.get("id") ?? "" }
}
