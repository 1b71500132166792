import Testing

@testable import CacheMiddleware

@Suite struct XXH64Tests {
    @Test(
        arguments: [
            (0, 0xef46_db37_51d8_e999), (1, 0xa96c_7f0c_e858_bbb7), (3, 0x56e6_9576_32a4_87f9),
            (4, 0xc60d_15b1_e3ff_8f04),
            (5, 0x8088_1585_8624_dd4e), (8, 0x3da5_c7aa_2696_83e0), (12, 0x8fe8_ab1c_1fd0_666e),
            (31, 0x4a74_f3a1_a39a_d4a1), (32, 0x8d57_d6a4_671c_c43d), (33, 0x62c9_fd21_ed85_7664),
            (63, 0x5c32_0a0d_2707_057f), (64, 0x7bba_bbc4_5729_d17e), (100, 0xefa0_ad2d_3e70_c151),
            (1000, 0x9959_4f48_2804_3d35),
        ] as [(Int, UInt64)])
    func `The checksum equals that of the reference implementation`(count: Int, sum: UInt64) {
        // Wherever the bytes begin.
        for offset in 0..<9 {
            let bytes =
                Array(repeating: 0xFF, count: offset) + (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
            let found = bytes.withUnsafeBytes { XXH64.checksum(of: UnsafeRawBufferPointer(rebasing: $0[offset...])) }
            #expect(found == sum)
        }
    }
}
