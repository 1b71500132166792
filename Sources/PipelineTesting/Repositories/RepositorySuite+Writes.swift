import Repositories
import Testing

extension RepositorySuite {
    func upserts() async throws {
        let repository = try await make()
        let kind = RowWrite.Kind.upsert(uniqueBy: ["name", "country"])
        let first = try await repository.apply(RowWrite(kind, Self.rows([("a", "AA", 1), ("b", "AA", 2)])))
        #expect(first.createdCount == 2)
        let keys = first.outcomes.compactMap(\.key)
        let rows = Self.rows([("a", "AA", 1), ("b", "AA", 3), ("b", "BB", 4), ("b", "BB", 5)])
        let second = try await repository.apply(RowWrite(kind, rows))
        let new = try #require(second.outcomes[2].key)
        #expect(
            second.outcomes == [.unchanged(keys[0]), .updated(keys[1]), .created(new), .updated(new)],
            "equal rows are unchanged, and rows of the same write see each other")
        #expect(try await repository.values(["population", "version"], of: keys[0]) == [1, 1])
        #expect(try await repository.values(["population", "version"], of: keys[1]) == [3, 2])
        let partial = RowWrite(
            .upsert(uniqueBy: ["name", "country"], updating: ["note"]),
            RowBatch(["name": "a", "country": "AA", "population": 9, "note": "new"]))
        #expect(try await repository.apply(partial).outcomes == [.updated(keys[0])])
        #expect(
            try await repository.values(["population", "note"], of: keys[0]) == [1, "new"],
            "only the fields to update are updated")
        var absent = RowBatch(["name": "a", "country": "AA", "population": 2, "note": "other"])
        absent[0, 3] = .absent
        #expect(try await repository.apply(RowWrite(kind, absent)).outcomes == [.updated(keys[0])])
        #expect(
            try await repository.values(["population", "note", "short_note"], of: keys[0]) == [2, "new", "new"],
            "an absent field keeps its value and what is computed from it")
        let byKey = RowWrite(
            .upsert(uniqueBy: ["id"]), RowBatch(["id": keys[1], "name": "c", "country": "CC", "area": .null]))
        #expect(try await repository.apply(byKey).outcomes == [.updated(keys[1])])
        #expect(try await repository.values(["name", "folded_name"], of: keys[1]) == ["c", "<c>"])
        let incomplete = RowWrite(.upsert(uniqueBy: ["name"]), RowBatch(["name": "new", "population": 1]))
        #expect(
            try await repository.apply(incomplete).failures.first?.error.field == "country",
            "a new row needs all required fields")
    }

    func reportsDuplicates() async throws {
        let repository = try await make()
        let rows = Self.rows([("a", "AA", 1), ("a", "AA", 2), ("b", "AA", 3)])
        let result = try await repository.apply(RowWrite(.create, rows, isAtomic: false))
        #expect(result.outcomes.map(\.error?.code) == [nil, .duplicate, nil])
        #expect(result.createdCount == 2, "a failed row does not stop the others")
        let keys = result.outcomes.compactMap(\.key)
        let update = RowBatch(["id": keys[1], "name": "a"])
        #expect(try await repository.apply(RowWrite(.update, update)).failures.first?.error.code == .duplicate)
        #expect(try await repository.values(["name", "version"], of: keys[1]) == ["b", 1])
        let sameKey = RowBatch(["id": keys[0], "name": "z", "country": "ZZ"])
        let failure = try await repository.apply(RowWrite(.create, sameKey)).failures.first?.error
        #expect(failure?.code == .duplicate)
        #expect(failure?.field == "id", "the failure names the unique field")
        await #expect(throws: RepositoryError.self) {
            try await repository.applyAll(.all, setting: RowBatch(["name": "q", "country": "QQ"]), limit: nil)
        }
        #expect(try await repository.names(RowQuery(order: [Place.name.ascending])) == ["a", "b"])
    }

    func undoesAtomicWrites() async throws {
        let repository = try await make()
        _ = try await repository.apply(RowWrite(.create, Self.row("a", "AA")))
        let rows = Self.rows([("b", "AA", 1), ("a", "AA", 2), ("c", "AA", -1)])
        let result = try await repository.apply(RowWrite(.create, rows))
        #expect(result.outcomes.map(\.error?.code) == [nil, .duplicate, .invalid], "all failures are reported")
        #expect(result.outcomes.first == .skipped)
        #expect(!result.hasChanges)
        #expect(try await repository.names(RowQuery()) == ["a"], "nothing was written")
    }

    func respectsTheScope() async throws {
        let repository = try await make()
        let created = try await repository.apply(RowWrite(.create, Self.rows([("a", "AA", 1), ("b", "BB", 1)])))
        let keys = created.outcomes.compactMap(\.key)
        let scope = Place.country == "AA"
        let rows = RowBatch(columns: ["id", "population"], rows: keys.map { [$0, 9] })
        for kind in [RowWrite.Kind.update, .delete] {
            let result = try await repository.apply(RowWrite(kind, rows, scope: scope, isAtomic: false))
            #expect(result.outcomes[0].key == keys[0])
            #expect(result.outcomes[1] == .failed(.notFound), "rows outside of the scope are not found")
        }
        #expect(try await repository.names(RowQuery()) == ["b"])
        let upsert = RowWrite(
            .upsert(uniqueBy: ["name", "country"]), Self.rows([("b", "BB", 2), ("c", "CC", 3)]), scope: scope,
            isAtomic: false)
        let outcomes = try await repository.apply(upsert).outcomes
        #expect(outcomes[0].error?.code == .duplicate, "an upsert does not write a row outside of the scope")
        #expect(outcomes[1].key != nil)
        #expect(try await repository.values(["population", "version"], of: keys[1]) == [1, 1])
    }

    func keepsRowsInTheScope() async throws {
        let repository = try await make()
        let created = try await repository.apply(RowWrite(.create, Self.rows([("a", "AA", 1), ("b", "BB", 1)])))
        let key = created.outcomes[0].key ?? .null
        func outcomes(_ kind: RowWrite.Kind, _ rows: RowBatch) async throws -> [RowOutcome] {
            var write = RowWrite(kind, rows, scope: Place.country == "AA" && Place.population < 5, isAtomic: false)
            write.keepsScope = true
            return try await repository.apply(write).outcomes
        }
        let new = try await outcomes(.create, Self.rows([("c", "AA", 4), ("d", "AA", 5), ("e", "BB", 1)]))
        #expect(new[0].key != nil)
        #expect(new[1...] == [.failed(.notFound), .failed(.notFound)])
        let updates = RowBatch(columns: ["id", "population"], rows: [[key, 4], [key, 5]])
        #expect(try await outcomes(.update, updates) == [.updated(key), .failed(.notFound)])
        let moved = RowBatch(columns: ["id", "country"], rows: [[key, "BB"]])
        #expect(try await outcomes(.update, moved) == [.failed(.notFound)], "a row does not leave the scope")
        let upserts = try await outcomes(
            .upsert(uniqueBy: ["name", "country"]), Self.rows([("a", "AA", 3), ("a", "AA", 9), ("b", "BB", 2)]))
        #expect(upserts == [.updated(key), .failed(.notFound), .failed(.notFound)])
        #expect(try await repository.names(RowQuery()) == ["a", "b", "c"])
    }

    func rejectsInvalidRows() async throws {
        let repository = try await make()
        let rows: [(RowBatch, String)] = [
            (Self.row("a", "AA", -1), "population"), (Self.row("a", "AA", "1"), "population"),
            (Self.row("", "AA"), "name"), (Self.row("a", "AAA"), "country"), (Self.row("a\0", "AA"), "name"),
            (Self.row(String(repeating: "é", count: 201), "AA"), "name"), (RowBatch(["name": "a"]), "country"),
            (RowBatch(["name": .null, "country": "AA"]), "name"),
            (RowBatch(["name": "a", "country": "AA", "area": .number(.nan)]), "area"),
            (RowBatch(["name": "a", "country": "AA", "is_active": 1]), "is_active"),
        ]
        for (row, field) in rows {
            let error = try await repository.apply(RowWrite(.create, row)).failures.first?.error
            #expect(error?.code == .invalid)
            #expect(error?.field == field)
        }
        let writes = [
            RowWrite(.create, RowBatch(["nome": 1])), RowWrite(.update, RowBatch(["name": "a"])),
            RowWrite(.delete, RowBatch(["name": "a"])), RowWrite(.upsert(uniqueBy: []), Self.row("a", "AA")),
            RowWrite(.upsert(uniqueBy: ["id"]), Self.row("a", "AA")),
            RowWrite(.create, RowBatch(columns: ["name", "name"], rows: [["a", "b"]])),
            RowWrite(.create, Self.row("a", "AA"), versions: []),
        ]
        for write in writes {
            await #expect(throws: RepositoryError.self) { try await repository.apply(write) }
        }
        #expect(try await repository.count(.all) == 0)
    }

    func writesSelectedRows() async throws {
        let repository = try await make()
        _ = try await repository.apply(
            RowWrite(.create, Self.rows([("a", "AA", 1), ("b", "AA", 2), ("c", "BB", 3)])))
        let row = RowBatch(["population": 100, "note": "x"])
        #expect(try await repository.applyAll(Place.country == "AA", setting: row, limit: 2) == 2)
        let batch = try await repository.rows(
            RowQuery(order: [Place.name.ascending], fields: ["population", "note", "version"]))
        #expect((0..<3).map { batch.values(row: $0) } == [[100, "x", 2], [100, "x", 2], [3, .null, 1]])
        await #expect(throws: RepositoryError.tooManyRows(count: 3, maximum: 2)) {
            try await repository.applyAll(.all, setting: row, limit: 2)
        }
        await #expect(throws: RepositoryError.tooManyRows(count: 2, maximum: 1)) {
            try await repository.applyAll(Place.country == "AA", setting: nil, limit: 1)
        }
        for row in [RowBatch(["population": -1]), RowBatch(["id": 1]), RowBatch(["nome": 1]), RowBatch(["version": 1])]
        {
            await #expect(throws: RepositoryError.self) {
                try await repository.applyAll(.all, setting: row, limit: nil)
            }
        }
        #expect(try await repository.count(Place.population == 100) == 2, "a refused write changes nothing")
        #expect(try await repository.applyAll(Place.population == 100, setting: nil, limit: nil) == 2)
        #expect(try await repository.applyAll(.none, setting: nil, limit: nil) == 0)
        #expect(try await repository.names(RowQuery()) == ["c"])
    }

    func writesConcurrently() async throws {
        let repository = try await make()
        let key = try #require(
            try await repository.apply(RowWrite(.create, Self.row("a", "AA", 0))).outcomes.first?.key)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    for number in 0..<10 {
                        _ = try await repository.apply(RowWrite(.update, RowBatch(["id": key, "population": 1])))
                        _ = try await repository.apply(RowWrite(.create, Self.row("\(task) \(number)", "AA")))
                        _ = try await repository.rows(RowQuery(limit: 5))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await repository.values(["version"], of: key) == [41], "every update counts once")
        #expect(try await repository.count(.all) == 41)
    }
}
