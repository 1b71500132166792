#if PostgreSQL
import Testing

@testable import PostgreSQLTransport

@Suite struct PostgreSQLURLTests {
    @Test(arguments: [
        ("mysql://localhost/a", PostgreSQLURLError.scheme), ("localhost", .scheme),
        ("postgres://localhost:0/a", .port), ("postgres://localhost:x/a", .port), ("postgres://localhost:65536", .port),
        ("postgres://localhost/a?sslmode=on", .sslMode),
        ("postgres://localhost/a?sslmod=require", .parameter("sslmod")),
        ("postgres://u:pa%zz@localhost/a", .malformed), ("postgres://localhost/a?sslmode", .malformed),
        ("postgres://localhost/a?1=2", .malformed), ("postgres://u:p@w@localhost/a", .malformed),
        ("postgres://u:p@w/x@localhost/a", .malformed), ("postgres://u:1/x@localhost/a", .malformed),
    ]) func `Invalid URLs are rejected`(url: String, error: PostgreSQLURLError) {
        #expect(throws: error) { try PostgreSQLClient(url: url) }
        #expect(error.description.contains("expected"))
        #expect(!error.description.contains("pa%"))
    }

    @Test func `A URL and the settings become parameters`() throws {
        var settings = PostgreSQLClientSettings()
        settings.statementTimeout = .milliseconds(1500)
        let url =
            "postgresql://us%40er:pass@host:6432/shop?sslmode=verify-full&application_name=a@b"
            + "&options=-c%20search_path%3Da"
        let values = try ConnectionParameters(url: url, settings: settings).values
        #expect(values["user"] == "us@er")
        #expect(values["dbname"] == "shop")
        #expect(values["port"] == "6432")
        #expect(values["sslmode"] == "verify-full")
        #expect(values["application_name"] == "a@b")
        #expect(values["options"]?.hasPrefix("-c statement_timeout=1500 ") == true)
        #expect(values["options"]?.hasSuffix(" -c search_path=a") == true)
    }
}
#endif
