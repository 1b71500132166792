#if GRDB
import BulkOperations
import BulkOperationsSQLite
import CacheMiddleware
import ETag
import GRDB
import HTTPPipeline
import Repositories
import RepositoriesSQLite
import Resources

enum AuthorFields {
    static let code = Field.text("code", 2...8).key(writtenByClients: true).example("mann")
    static let name = Field.text("name", 1...50).filtered([.equality, .text]).sorted()
    static let country = Field.text("country").oneOf(["AT", "CH", "DE"]).default("DE").filtered(.equality)
    static let isActive = Field.boolean("is_active").default(true).filtered(.exact)
    static let all = FieldSet("authors", code, name, country, isActive)
}

enum BookFields {
    static let id = Field.integer("id").key()
    static let title = Field.text("title", 1...100).filtered([.equality, .prefix]).sorted()
    static let author = Field.text("author_code", 2...8).references("authors").filtered(.equality).example("mann")
    static let pages = Field.integer("pages", 1...10_000).default(100).filtered([.exact, .isIn, .order]).sorted()
    static let price = Field.number("price", 0...1000).optional().filtered([.order, .isNull]).sorted()
    static let folded = Field.text("folded_title").hidden().computed(from: title) { $0.lowercased() }
    static let version = Field.integer("version").version()
    static let all = FieldSet("books", id, title, author, pages, price, folded, version).unique("title", "author_code")
}

enum ReviewFields {
    static let id = Field.integer("id").key()
    static let book = Field.integer("book_id").references("books").filtered(.equality).example(2)
    static let stars = Field.integer("stars", 1...5).filtered([.exact, .order]).sorted()
    static let text = Field.text("text", 0...500).default("").filtered(.text)
    static let language = Field.text("language").oneOf(["de", "en"]).optional().filtered(.equality).sorted()
    static let isPublic = Field.boolean("is_public").default(true).filtered(.exact)
    static let code = Field.text("code", 4...8).writeOnly().default("none")
    static let source = Field.text("source").onCreate { "api" }
    static let all = FieldSet("reviews", id, book, stars, text, language, isPublic, code, source)
}

/// Three resources that use every feature: nested resources, both styles of pages, permissions, conditions and caching.
struct Shop {
    let authors: Resource
    let books: Resource
    let reviews: Resource
    let operations: Operations

    init(database: DatabasePool, store: some CacheStore) throws {
        try database.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE authors (code TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, country TEXT NOT NULL, is_active BOOLEAN NOT NULL);
                    CREATE TABLE books (
                        id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_code TEXT NOT NULL REFERENCES authors(code),
                        pages INTEGER NOT NULL, price REAL, folded_title TEXT NOT NULL, version INTEGER NOT NULL,
                        UNIQUE (title, author_code));
                    CREATE TABLE reviews (
                        id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books(id), stars INTEGER NOT NULL, text TEXT NOT NULL,
                        language TEXT, is_public BOOLEAN NOT NULL, code TEXT NOT NULL, source TEXT NOT NULL);
                    INSERT INTO authors VALUES ('mann', 'Thomas Mann', 'DE', 1), ('zweig', 'Stefan Zweig', 'AT', 1), ('frisch', 'Max Frisch', 'CH', 0);
                    INSERT INTO books (title, author_code, pages, price, folded_title, version) VALUES
                        ('Buddenbrooks', 'mann', 848, 16.5, 'buddenbrooks', 1), ('Der Zauberberg', 'mann', 1008, 20, 'der zauberberg', 1),
                        ('Schachnovelle', 'zweig', 112, NULL, 'schachnovelle', 1), ('Homo faber', 'frisch', 208, 10, 'homo faber', 1);
                    INSERT INTO reviews (book_id, stars, text, language, is_public, code, source) VALUES
                        (1, 5, 'Read it twice.', 'en', 1, 'none', 'api'), (2, 4, '', NULL, 0, 'none', 'api');
                    """)
        }
        var queue = BulkQueueSettings()
        queue.maximumOperationCount = 10_000
        let operations = Operations(in: try SQLiteBulkQueue(in: database, settings: queue)) {
            $0.maximumItemCount = 1000
            $0.maximumDirectReadCount = 3
        }
        self.operations = operations
        let keys = try SQLiteIdempotencyStore(in: database)
        // Without caching and versions, the tags are digests of bodies.
        let reviews = Resource("reviews", over: SQLiteRepository(ReviewFields.all, in: database)) {
            TrailingSlash()
            Conditions()
            Permissions { exchange, action in
                if action == .destroy { return exchange.userID == nil ? .hidden : .all }
                return exchange.userID == nil ? .rows(ReviewFields.isPublic == true) : .all
            }
            Bulk(operations)
        }
        let books = Resource("books", over: SQLiteRepository(BookFields.all, in: database)) {
            Pagination(.cursor, size: 3, maximum: 50)
            Ordering(BookFields.title.ascending)
            Representation(
                list: ["id", "title", "author_code", "version"],
                detail: ["id", "title", "author_code", "pages", "price", "version"])
            Search(BookFields.title)
            ResourceURI()
            Conditions(requiring: .updates)
            Caching(.minutes(15), in: store)
            Permissions { exchange, action in
                if action.isReading { return .all }
                return exchange.userID == nil ? .refused : .rows(BookFields.pages < 5000)
            }
            Nested(reviews, by: ReviewFields.book)
            Bulk(operations) { $0.idempotency = keys }
        }
        authors = Resource("authors", over: SQLiteRepository(AuthorFields.all, in: database)) {
            Conditions()
            Caching(.minutes(15), in: store)
            Nested(books, by: BookFields.author)
            Bulk()
        }
        self.books = books
        self.reviews = reviews
    }
}
#endif
