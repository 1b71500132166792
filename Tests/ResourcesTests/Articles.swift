#if Hummingbird && GRDB
import CacheMiddleware
import ETag
import GRDB
import HTTPPipeline
import Hummingbird
import HummingbirdPipeline
import Repositories
import RepositoriesSQLite
import Resources

// The code of the guides of Resources: an SQLite database with sections, articles and comments.

enum ArticleFields {
    static let id = Field.integer("id").key()
    static let title = Field.text("title", 1...200).filtered([.equality, .prefix]).sorted()
    static let author = Field.text("author", 1...50).filtered(.equality)
    static let section = Field.text("section").filtered(.equality)
    static let isPublished = Field.boolean("is_published").default(false).filtered(.equality)
    static let version = Field.integer("version").hidden().version()
    static let all = FieldSet("articles", id, title, author, section, isPublished, version)
}

func articles(in database: DatabasePool, store: some CacheStore) -> Resource {
    Resource("articles", over: SQLiteRepository(ArticleFields.all, in: database)) {
        Pagination(.pages, size: 20, maximum: 100)
        Ordering(ArticleFields.title.ascending)
        Conditions(requiring: .updates)
        Caching(.minutes(15), in: store)
        Permissions { exchange, action in
            let own: Selection = exchange.userID.map { ArticleFields.author == $0 } ?? .none
            if action.isReading { return .rows(ArticleFields.isPublished == true || own) }
            return exchange.userID == nil ? .refused : .rows(own)
        }
    }
}

/// A server of the articles.
func articleServer() async throws -> some ApplicationProtocol {
    let database = try DatabasePool(path: "articles.sqlite")
    try await database.write { db in
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS articles (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, author TEXT NOT NULL,
                    section TEXT NOT NULL, is_published BOOLEAN NOT NULL, version INTEGER NOT NULL
                );
                CREATE INDEX IF NOT EXISTS articles_by_section ON articles (section);
                """)
    }
    let articles = articles(in: database, store: MemoryStore(byteLimit: 64 << 20))
    let document = OpenAPIDocument(title: "Articles", version: "1", articles)
    let router = Router(context: UserContext.self)
    router.add(middleware: UserMiddleware())
    router.add(articles)
    router.add(document)
    router.add(document.page())
    return Application(router: router)
}

enum SectionFields {
    static let name = Field.text("name", 1...30).key(writtenByClients: true)
    static let isOpen = Field.boolean("is_open").default(true)
    static let all = FieldSet("sections", name, isOpen)
}

enum CommentFields {
    static let id = Field.integer("id").key()
    static let kind = Field.text("kind").default("article").hidden()
    static let object = Field.integer("object_id")
    static let text = Field.text("text", 1...2000)
    static let all = FieldSet("comments", id, kind, object, text)
}

/// Sections with articles, which have comments.
func sections(in database: DatabasePool, store: some CacheStore) -> Resource {
    let comments = Resource("comments", over: SQLiteRepository(CommentFields.all, in: database)) {
        Caching(.minutes(15), in: store)
    }
    let articles = Resource("articles", over: SQLiteRepository(ArticleFields.all, in: database)) {
        Caching(.minutes(15), in: store)
        Nested(comments, by: CommentFields.object, where: CommentFields.kind == "article")
    }
    return Resource("sections", over: SQLiteRepository(SectionFields.all, in: database)) {
        Caching(.minutes(15), in: store)
        Permissions { exchange, _ in exchange.userID == "editor" ? .all : .rows(SectionFields.isOpen == true) }
        Nested(articles, by: ArticleFields.section)
    }
}

/// Another representation of the articles.
func magazine(in database: DatabasePool, store: some CacheStore) -> Resource {
    Resource("magazine", over: SQLiteRepository(ArticleFields.all, in: database)) {
        Rows(ArticleFields.isPublished == true)
        Actions(ResourceAction.reading)
        Pagination(.cursor, size: 2, maximum: 50)
        Representation(list: ["id", "title"], detail: ["id", "title", "author"])
        Search(ArticleFields.title, ArticleFields.author)
        ResourceURI()
        Caching(.minutes(15), in: store) { $0.stale = StalePolicy(whileRevalidating: .seconds(30)) }
    }
}

extension DatabasePool {
    /// Creates the tables of the guides, with a few rows.
    func createGuideTables() async throws {
        try await write { db in
            try db.execute(
                sql: """
                    CREATE TABLE sections (name TEXT PRIMARY KEY, is_open BOOLEAN NOT NULL);
                    CREATE TABLE articles (
                        id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, author TEXT NOT NULL,
                        section TEXT NOT NULL REFERENCES sections (name), is_published BOOLEAN NOT NULL,
                        version INTEGER NOT NULL
                    );
                    CREATE TABLE comments (
                        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, object_id INTEGER NOT NULL, text TEXT NOT NULL
                    );
                    INSERT INTO sections VALUES ('science', TRUE), ('sports', TRUE);
                    INSERT INTO articles VALUES (1, 'Ants', 'anna', 'science', TRUE, 1),
                        (2, 'Bees', 'bert', 'science', TRUE, 1), (3, 'Cats', 'bert', 'science', FALSE, 1),
                        (4, 'Darts', 'anna', 'sports', TRUE, 1);
                    INSERT INTO comments VALUES (1, 'article', 1, 'Many legs.'), (2, 'photo', 1, 'Sharp.');
                    """)
        }
    }
}
#endif
