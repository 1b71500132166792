#if PostgreSQL
import PostgreSQLTransport

/// The code of the documentation of PostgreSQLTransport.
enum PostgreSQLGuide {
    static func statements() async throws {
        let client = try PostgreSQLClient("postgres://user:password@localhost:5432/shop?sslmode=verify-full")
        let result = try await client.execute("SELECT name FROM products WHERE id = $1", [.integer(7)])
        let name = result.text(0, 0)

        try await client.withTransaction { connection in
            _ = try await connection.execute("UPDATE stock SET count = count - 1 WHERE product = $1", [.integer(7)])
            _ = try await connection.execute("INSERT INTO orders (product) VALUES ($1)", [.integer(7)])
        }
        print(name ?? "")
    }

    static func notifications(_ client: PostgreSQLClient) async {
        for await payload in client.notifications(on: "orders") {
            await processNewOrders(hint: payload)
        }
    }

    private static func processNewOrders(hint: String?) async {}
}
#endif
