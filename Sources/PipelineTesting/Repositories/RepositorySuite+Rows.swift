import KeyConstructor
import Repositories
import Testing

extension RepositorySuite {
    func createsRows() async throws {
        let repository = try await make()
        let result = try await repository.apply(RowWrite(.create, Self.rows([("Bern", "CH", 1), ("Rom", "IT", 2)])))
        #expect(result.createdCount == 2)
        let keys = result.outcomes.compactMap(\.key)
        #expect(Set(keys).count == 2, "the repository assigns different keys")
        for (key, name) in zip(keys, ["Bern", "Rom"]) {
            let fields = ["name", "folded_name", "area", "is_active", "note", "writer", "version"]
            #expect(
                try await repository.values(fields, of: key)
                    == [.text(name), .text("<\(name)>"), .null, true, .null, "suite", 1],
                "defaults, computed fields and the first version are written")
        }
        let batch = try await repository.rows(RowQuery())
        #expect(
            batch.columns == ["id", "name", "country", "population", "area", "is_active", "note", "writer", "version"],
            "visible fields are read in the order of their declaration")
        let given = try await repository.apply(
            RowWrite(.create, RowBatch(["id": 500, "name": "Ulm", "country": "DE", "version": 9])))
        #expect(given.outcomes == [.created(500)], "a given key is used")
        #expect(try await repository.values(["population", "version"], of: 500) == [7, 1])
        let next = try await repository.apply(RowWrite(.create, Self.row("Aarau", "CH")))
        #expect(
            next.createdCount == 1 && !(keys + [500]).contains(next.outcomes[0].key ?? .null), "keys are not used twice"
        )
        #expect(try await repository.apply(RowWrite(.create, RowBatch(columns: ["name"]))).outcomes.isEmpty)
    }

    func readsPages() async throws {
        let repository = try await make()
        let rows = (0..<20).map { ("city \($0 % 7) \($0)", $0 % 2 == 0 ? "AA" : "BB", Int64($0 % 3)) }
        _ = try await repository.apply(RowWrite(.create, Self.rows(rows)))
        for (order, isDescending) in [("population", true), ("population", false), ("area", true), ("name", true)] {
            var query = RowQuery(order: [RowOrder(order, isDescending: isDescending)])
            let all = try await repository.names(query)
            #expect(all.count == 20)
            query.limit = 6
            query.offset = 4
            #expect(try await repository.names(query) == Array(all[4..<10]), "an offset and a limit make a page")
            query.offset = 18
            #expect(try await repository.names(query) == Array(all[18...]), "the last page is short")
            query.limit = nil
            query.offset = 3
            #expect(try await repository.names(query) == Array(all[3...]), "an offset needs no limit")
            query.limit = 0
            #expect(try await repository.names(query) == [])
            query.offset = 0
            query.limit = 3
            var paged: [String] = []
            while paged.count < 30 {
                let batch = try await repository.rows(query)
                guard batch.rowCount > 0 else { break }
                paged += (0..<batch.rowCount).compactMap { batch.value(row: $0, field: "name").flatMap(String.init) }
                query.after = query.cursor(after: batch.rowCount - 1, of: batch, in: repository.fields)
            }
            #expect(paged == all, "pages by cursor have every row once, in order")
        }
        #expect(try await repository.count(Place.country == "AA") == 10)
        #expect(try await repository.count(.none) == 0)
    }

    func rejectsQueriesThatDoNotFit() async throws {
        let repository = try await make()
        let deep = (0..<100).reduce(Selection.isNull("note")) { selection, _ in .not(selection) }
        var incomplete = RowQuery(Place.population == 1)
        incomplete.after = []
        let queries = [
            RowQuery(.comparison("nome", .equal, 1)), RowQuery(.isNull("\"id\" IS NULL OR 1=1 --")),
            RowQuery(order: [RowOrder("rowid")]), RowQuery(fields: ["secret"]), RowQuery(limit: -1),
            RowQuery(offset: -1),
            incomplete, RowQuery(.comparison("population", .equal, "1")),
            RowQuery(.comparison("area", .equal, .number(.nan))),
            RowQuery(.comparison("area", .less, .number(.infinity))),
            RowQuery(.comparison("population", .startsWith, 1)), RowQuery(.comparison("note", .equal, .null)),
            RowQuery(.comparison("name", .contains, "a\0")), RowQuery(deep),
            RowQuery(.or((0..<20_000).map { Place.population == Int64($0) })),
            RowQuery(Place.id.in(Array(0..<200_000))),
            RowQuery(Place.name == String(repeating: "x", count: 2 << 20)),
        ]
        for query in queries {
            await #expect(throws: SelectionError.self) { try await repository.rows(query) }
            #expect(repository.description(of: query).isEmpty)
        }
    }

    func updatesGivenFields() async throws {
        let repository = try await make()
        let key = try #require(
            try await repository.apply(
                RowWrite(.create, RowBatch(["name": "Bern", "country": "CH", "area": 51.6, "note": "old"]))
            ).outcomes.first?.key)
        var rows = RowBatch(columns: ["id", "name", "note", "area"])
        for value in [key, "Berne", .null] { rows.append(value) }
        rows.append(cell: .absent)
        #expect(try await repository.apply(RowWrite(.update, rows)).outcomes == [.updated(key)])
        let fields = ["name", "folded_name", "country", "area", "note", "version"]
        #expect(
            try await repository.values(fields, of: key) == ["Berne", "<Berne>", "CH", 51.6, .null, 2],
            "an update keeps absent fields, writes null, computes fields and increments the version")
        let unknown = try await repository.apply(RowWrite(.update, RowBatch(["id": 999_999, "name": "x"])))
        #expect(unknown.outcomes == [.failed(.notFound)])
        let mixed = RowBatch(columns: ["id", "area"], rows: [[key, 3], [key, .null]])
        #expect(try await repository.apply(RowWrite(.update, mixed)).updatedCount == 2)
        #expect(try await repository.values(["area", "version"], of: key) == [.null, 4])
    }

    func replacesRows() async throws {
        let repository = try await make()
        let first = RowBatch(["name": "Bern", "country": "CH", "population": 5, "area": 1.5, "is_active": false])
        let key = try #require(try await repository.apply(RowWrite(.create, first)).outcomes.first?.key)
        let row = RowBatch(["id": key, "name": "Bern", "country": "LI"])
        #expect(try await repository.apply(RowWrite(.replace, row)).outcomes == [.updated(key)])
        let fields = ["country", "population", "area", "is_active", "version"]
        #expect(
            try await repository.values(fields, of: key) == ["LI", 7, .null, true, 2],
            "a replacement sets fields without a value to their default")
        let incomplete = RowBatch(["id": key, "name": "Bern"])
        let failure = try await repository.apply(RowWrite(.replace, incomplete)).failures.first?.error
        #expect(failure?.code == .invalid)
        #expect(failure?.field == "country")
    }

    func checksVersions() async throws {
        let repository = try await make()
        let key = try #require(
            try await repository.apply(RowWrite(.create, Self.row("Bern", "CH"))).outcomes.first?.key)
        func update(_ version: Int64?) async throws -> RowOutcome? {
            let row = RowBatch(["id": key, "population": 8])
            return try await repository.apply(RowWrite(.update, row, versions: [version])).outcomes.first
        }
        #expect(try await update(1) == .updated(key))
        #expect(try await update(1) == .failed(.conflict), "an update of another version fails")
        #expect(try await update(2) == .updated(key))
        #expect(try await update(nil) == .updated(key))
        let delete = RowWrite(.delete, RowBatch(["id": key]), versions: [3])
        #expect(try await repository.apply(delete).outcomes == [.failed(.conflict)])
        let unknown = RowWrite(.delete, RowBatch(["id": 999]), versions: [3])
        #expect(try await repository.apply(unknown).outcomes == [.failed(.notFound)])
        #expect(try await repository.count(.all) == 1)
    }

    func startsVersionsAnew() async throws {
        let repository = try await makeRepository(Self.fieldsWithDefaultVersions)
        let row = RowBatch(["id": 7, "name": "Bern", "country": "CH"])
        let update = RowBatch(["id": 7, "population": 8])
        var seen: Set<Int64> = []
        for kind in [RowWrite.Kind.create, .create, .upsert(uniqueBy: ["id"]), .upsert(uniqueBy: ["id"])] {
            #expect(try await repository.apply(RowWrite(kind, row)).createdCount == 1)
            for _ in 0..<3 {
                let version = try #require(try await repository.values(["version"], of: 7)?.first)
                guard case .integer(let number) = version else { continue }
                #expect(seen.insert(number).inserted, "a row that is created again has other versions")
                _ = try await repository.apply(RowWrite(.update, update))
            }
            _ = try await repository.apply(RowWrite(.delete, RowBatch(["id": 7])))
        }
        #expect(seen.count == 12)
        // A database may give the number of a deleted row to a new one.
        for _ in 0..<3 {
            let created = try await repository.apply(RowWrite(.create, Self.row("Bern", "CH")))
            let key = try #require(created.outcomes.first?.key)
            let version = try #require(try await repository.values(["version"], of: key)?.first)
            guard case .integer(let number) = version else { continue }
            #expect(seen.insert(number).inserted)
            _ = try await repository.apply(RowWrite(.delete, RowBatch(["id": key])))
        }
    }

    func deletesRows() async throws {
        let repository = try await make()
        let created = try await repository.apply(
            RowWrite(.create, Self.rows([("a", "AA", 1), ("b", "AA", 1), ("c", "AA", 1)])))
        let keys = created.outcomes.compactMap(\.key)
        let batch = RowBatch(columns: ["id"], rows: [[keys[0]], [keys[2]], [keys[0]]])
        let result = try await repository.apply(RowWrite(.delete, batch, isAtomic: false))
        #expect(result.outcomes == [.deleted(keys[0]), .deleted(keys[2]), .failed(.notFound)])
        #expect(try await repository.names(RowQuery()) == ["b"])
    }
}
