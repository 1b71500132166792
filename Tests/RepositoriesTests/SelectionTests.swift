import Foundation
import Repositories
import Testing

@Suite struct SelectionTests {
    @Test(arguments: [
        (Places.country == "AD", #"{"exact":"AD","field":"country"}"#),
        (!Places.area.isNull, #"{"field":"area","isnull":false}"#),
        (
            Places.population.between(1, 5) && (Places.area > 1 || Places.id.in([1, 2])),
            #"{"and":[{"field":"population","range":[1,5]},{"or":[{"field":"area","gt":{"number":1}},{"field":"id","in":[1,2]}]}]}"#
        ), (.all, #"{"and":[]}"#), (!Selection.none, #"{"not":{"or":[]}}"#),
    ])
    func `Selections are coded as small objects`(selection: Selection, json: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(selection), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(Selection.self, from: Data(json.utf8)) == selection)
    }

    @Test(arguments: [
        "{}", "[]", "1", #"{"field":"a"}"#, #"{"field":"a","like":"b"}"#, #"{"exact":1}"#, #"{"and":1}"#,
        #"{"field":"a","range":[1]}"#, #"{"field":"a","range":[1,2,3]}"#, #"{"field":"a","in":1}"#,
        #"{"field":"a","isnull":1}"#, #"{"field":1,"exact":1}"#, #"{"field":"a","exact":[1]}"#,
        String(repeating: #"{"not":"#, count: 33) + #"{"or":[]}"# + String(repeating: "}", count: 33),
        String(repeating: #"{"not":"#, count: 100_000), String(repeating: #"{"and":["#, count: 100_000),
        #"{"field":"a","in":["# + String(repeating: "1,", count: 500_000) + "1]}",
        #"{"or":["# + String(repeating: #"{"field":"a","exact":1},"#, count: 50_000) + #"{"and":[]}]}"#,
    ])
    func `Anything else is not a selection`(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Selection.self, from: Data(json.utf8)) }
    }

    @Test(
        arguments: [
            (Places.area == 1, nil), (Places.area != 1, nil), (!(Places.area == 1), nil), (Places.area.in([1]), nil),
            (Places.area.in([]), false), (!Places.area.in([]), true), (Places.area.isNull, true),
            (Places.area == 1 || Places.id == 1, true), (Places.area == 1 && Places.id == 1, nil),
            (Places.area == 1 && Places.id == 2, false), (Places.area.between(0, 1), nil), (.all, true), (.none, false),
            (Places.name == "e\u{301}", true), (Places.name == "\u{E9}", false),
            (Places.name.contains("\u{301}"), true),
            (Places.name.hasPrefix("e"), true), (Places.name.hasSuffix(""), true), (Places.name > "e", true),
        ] as [(Selection, Bool?)])
    func `Conditions have three values and compare bytes`(selection: Selection, expected: Bool?) {
        let row: [String: RowValue] = ["id": 1, "name": "e\u{301}", "area": .null]
        #expect(selection.evaluate { row[$0] ?? .null } == expected)
        let batch = RowBatch(["id": 1, "name": "e\u{301}", "area": .null])
        #expect(selection.selects(row: 0, of: batch) == (expected == true))
    }

    @Test func `Values take the types of their fields`() throws {
        let selection = Selection.and([
            .comparison("area", .equal, 1), .comparison("population", .equal, 2.0), .values("area", [1, 1.5]),
        ])
        #expect(
            try selection.validated(against: Places.all)
                == .and([Places.area == 1, Places.population == 2, Places.area.in([1, 1.5])]))
        #expect(throws: SelectionError.invalidValue(field: "population", message: "A valid integer is required.")) {
            try Selection.comparison("population", .equal, 2.5).validated(against: Places.all)
        }
        #expect(throws: SelectionError.self) {
            try Places.name.contains(String(repeating: "a", count: 1025)).validated(against: Places.all)
        }
    }

    @Test func `Texts that differ in their bytes are different values`() {
        #expect(RowValue.text("\u{E9}") != RowValue.text("e\u{301}"))
        #expect(Set([RowValue.text("\u{E9}"), RowValue.text("e\u{301}")]).count == 2)
        #expect(RowValue.integer(1) != RowValue.number(1))
    }
}
