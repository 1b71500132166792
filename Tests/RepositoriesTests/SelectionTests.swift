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
}
