import Foundation
import Testing

@testable import Cities

@Suite struct FoldedTextTests {
    @Test(arguments: [
        ("São Paulo", "sao paulo"), ("ZÜRICH", "zurich"), ("Łódź", "łodz"), ("e\u{301}\u{302}a", "ea"),
        ("a\r\nB", "a\r\nb"), ("ＡＢＣ", "abc"), ("", ""),
    ])
    func `Names are folded for searches`(text: String, expected: String) {
        #expect(text.foldedForSearch == expected)
        #expect(text.foldedByFoundation == expected)
    }

    @Test func `All names of the data are folded as by Foundation`() throws {
        var count = 0
        for text in try DataFiles().cities.records.map({ $0[1] }) {
            guard text.foldedForSearch.utf8.elementsEqual(text.foldedByFoundation.utf8) else {
                Issue.record("\(text)")
                continue
            }
            count += 1
        }
        #expect(count > 30_000)
    }
}
