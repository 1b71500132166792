import Repositories
import Testing

extension RepositorySuite {
    static let hostileTexts = [
        "'; DROP TABLE suite_places; --", "\" OR 1=1 --", "%", "_", "a%b", "a_b", "\\", "*", "?", "[a-z]", "$1", "?1",
        ":name",
        "''", "\u{1}", "e\u{301}", "\u{E9}", "\u{1F600}", "\u{D7FF}", "\u{E000}", "\u{10FFFF}", "\u{10FFFF}x", "ß",
        "SS", " ",
        "a", "A", "\n", "\u{FEFF}a",
    ]

    func bindsHostileTexts() async throws {
        let repository = try await make()
        let texts = Self.hostileTexts
        let created = try await repository.apply(RowWrite(.create, Self.rows(texts.map { ($0, "AA", 1) })))
        #expect(created.createdCount == texts.count, "texts that differ in their bytes are different")
        for text in texts {
            #expect(
                try await repository.names(RowQuery(Place.name == text)).map { Array($0.utf8) } == [Array(text.utf8)])
            for (selection, matches) in [
                (Place.name.hasPrefix(text), texts.filter { $0.utf8.starts(with: text.utf8) }),
                (Place.name.hasSuffix(text), texts.filter { $0.utf8.reversed().starts(with: text.utf8.reversed()) }),
                (Place.name.contains(text), texts.filter { $0.hasBytes(text) }),
            ] {
                #expect(
                    Set(try await repository.names(RowQuery(selection)).map { Array($0.utf8) })
                        == Set(matches.map { Array($0.utf8) }), "\(selection)")
                #expect(try await repository.count(selection) + repository.count(!selection) == texts.count)
            }
        }
        #expect(try await repository.count(Place.name.hasPrefix("")) == texts.count)
        #expect(try await repository.count(Place.name.in(texts)) == texts.count)
        #expect(try await repository.applyAll(Place.name == "' OR ''='", setting: nil, limit: nil) == 0)
    }

    func keepsLargeAndUnusualValues() async throws {
        let repository = try await make()
        let note = String(repeating: "é\u{1F600}x", count: 50_000)
        let numbers: [Double] = [
            0, 0.1, -1.5, 1e300, -1e-300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 123_456_789.123_456_79,
            9_007_199_254_740_992,
        ]
        var rows = RowBatch(columns: ["name", "country", "area", "note"])
        for (index, number) in numbers.enumerated() {
            for value in [.text("n\(index)"), "AA", .number(number), .text(note)] as [RowValue] { rows.append(value) }
        }
        let result = try await repository.apply(RowWrite(.create, rows))
        for (key, number) in zip(result.outcomes.compactMap(\.key), numbers) {
            #expect(try await repository.values(["area", "note"], of: key) == [.number(number), .text(note)])
            #expect(try await repository.count(Place.area == number) == 1, "a number is found by its value")
        }
        let empty = RowBatch(["name": "empty", "country": "AA", "note": ""])
        let key = try #require(try await repository.apply(RowWrite(.create, empty)).outcomes.first?.key)
        #expect(try await repository.values(["note", "area"], of: key) == ["", .null], "an empty text is not null")
    }

    func acceptsLongLists() async throws {
        let repository = try await make()
        let rows = (0..<50).map { ("city \($0)", "AA", Int64($0)) }
        _ = try await repository.apply(RowWrite(.create, Self.rows(rows)))
        #expect(try await repository.count(Place.population.in(Array(0..<9_000))) == 50)
        #expect(try await repository.count(!Place.population.in(Array(25..<9_000))) == 25)
        #expect(try await repository.count(.or((0..<4_000).map { Place.population == Int64($0) })) == 50)
        #expect(try await repository.count(.and((50..<4_000).map { Place.population != Int64($0) })) == 50)
        #expect(try await repository.count(Place.population.in([])) == 0)
        #expect(try await repository.count(!Place.population.in([])) == 50)
    }
}

extension String {
    /// Returns whether the UTF-8 of a text is a part of the UTF-8 of this one.
    fileprivate func hasBytes(_ text: String) -> Bool {
        utf8.indices.contains { utf8[$0...].starts(with: text.utf8) }
    }
}
