import KeyConstructor
import Testing

@Suite struct CacheKeyTests {
    @Test func `A key has sixteen bytes and is parsed from hexadecimal`() {
        let key = CacheKey(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
        #expect(MemoryLayout<CacheKey>.size == 16)
        #expect(key.description == "0123456789abcdeffedcba9876543210")
        #expect(CacheKey(key.description) == key)
        #expect(CacheKey("0123456789ABCDEFFEDCBA9876543210") == key)
        #expect(CacheKey(digestOf: "abc").description == "900150983cd24fb0d6963f7d28e17f72")
    }

    @Test(arguments: ["", "0123", "0123456789abcdeffedcba987654321g", "0123456789abcdeffedcba98765432100", "é"])
    func `Only 32 hexadecimal digits are a key`(text: String) {
        #expect(CacheKey(text) == nil)
    }
}
