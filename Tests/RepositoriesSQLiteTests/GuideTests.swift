#if GRDB
import Foundation
import GRDB
import NIOCore
import Repositories
import RepositoriesSQLite
import Testing

/// The code of the pages of `Repositories` and `RepositoriesSQLite`.
@Suite struct GuideTests {
    enum BookFields {
        static let id = Field.integer("id").key()
        static let title = Field.text("title", 1...200).filtered([.equality, .prefix]).sorted()
        static let language = Field.text("language", 2...2).filtered(.equality)
        static let pages = Field.integer("pages", 1...10_000).optional().filtered(.order).sorted()
        static let version = Field.integer("version").version()
        static let all = FieldSet("books", id, title, language, pages, version).unique("title", "language")
    }

    @Test func `The code of the guides works`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.url.appendingPathComponent("books.sqlite").path
        let database = try DatabasePool(path: path)
        let books = SQLiteRepository(BookFields.all, in: database)
        try await database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE books (
                        id INTEGER PRIMARY KEY, title TEXT NOT NULL, language TEXT NOT NULL, pages INTEGER,
                        version INTEGER NOT NULL
                    );
                    CREATE UNIQUE INDEX books_title ON books (title, language);
                    """)
        }
        let body = ByteBuffer(string: #"{"title": "100% Meer", "language": "de", "pages": 120}"#)
        let rows = try RowJSONReader(BookFields.all).readObject(body)
        let result = try await books.apply(RowWrite(.create, rows))
        #expect(result.outcomes == [.created(1)])
        let selection = BookFields.language == "de" && !(BookFields.pages < 100) && BookFields.title.hasPrefix("100%")
        #expect(try await books.count(selection) == 1)
        let filters = try FilterParser(BookFields.all).parse([
            (name: "language", value: "de"), (name: "pages__lt", value: "300"), (name: "ordering", value: "-pages"),
        ])
        let query = RowQuery(filters.selection, order: filters.order, limit: 20)
        var json = ByteBuffer()
        JSONRowWriter(BookFields.all).write(try await books.rows(query), to: &json)
        #expect(
            String(buffer: json).replacing(/"version":\d+/, with: "")
                == #"[{"id":1,"title":"100% Meer","language":"de","pages":120,}]"#)
        let page = RowQuery(
            BookFields.language == "de", order: [BookFields.title.ascending], limit: 20, offset: 20,
            fields: ["id", "title"])
        #expect(
            try SQLText.rows(page, in: BookFields.all, for: .postgreSQL).text
                == #"SELECT "id", "title" FROM "books" WHERE "language" = $1 ORDER BY "title" COLLATE "C", "id" "#
                + "LIMIT $2 OFFSET $3")
    }
}
#endif
