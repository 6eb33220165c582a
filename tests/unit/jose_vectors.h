#ifndef SANDVAULT_TESTS_UNIT_JOSE_VECTORS_H
#define SANDVAULT_TESTS_UNIT_JOSE_VECTORS_H

/*
 * Published keys, signatures and ciphertexts (RFC 7515, RFC 7520), base64url as printed there, and a few made with
 * another library. For tests only.
 */

/* RFC 7515 appendix A.2: an RSA-2048 key, signing input and RS256 signature. */
#define RFC7515_A2_N                                                                                                   \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql"             \
	"L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"             \
	"LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"             \
	"F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"

#define RFC7515_A2_E "AQAB"

#define RFC7515_A2_D                                                                                                   \
	"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe"             \
	"46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9J"             \
	"YanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuh"             \
	"LhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"

#define RFC7515_A2_P                                                                                                   \
	"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJ"             \
	"NPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"

#define RFC7515_A2_Q                                                                                                   \
	"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_Yw"             \
	"D66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"

#define RFC7515_A2_DP                                                                                                  \
	"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJ"             \
	"eDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0"

#define RFC7515_A2_DQ                                                                                                  \
	"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-N"             \
	"KJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU"

#define RFC7515_A2_QI                                                                                                  \
	"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi8"             \
	"7w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"

#define RFC7515_A2_INPUT                                                                                               \
	"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9"             \
	"pc19yb290Ijp0cnVlfQ"

#define RFC7515_A2_SIG                                                                                                 \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujG"             \
	"bds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"             \
	"0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6"             \
	"LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

/* RFC 7515 appendix A.3: P-256 and ES256. */
#define RFC7515_A3_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"

#define RFC7515_A3_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

#define RFC7515_A3_D "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"

#define RFC7515_A3_INPUT                                                                                               \
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9"             \
	"pc19yb290Ijp0cnVlfQ"

#define RFC7515_A3_SIG "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

/* RFC 7520 section 4.2: PS384, with the public half of the key of section 3.4. */
#define RFC7520_42_N                                                                                                   \
	"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMa"             \
	"JMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6c"             \
	"S6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwd"             \
	"q_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"

#define RFC7520_42_INPUT                                                                                               \
	"eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3V"             \
	"zIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHl"             \
	"vdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9"             \
	"mZiB0by4"

#define RFC7520_42_SIG                                                                                                 \
	"cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dD"             \
	"DItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ij"             \
	"Q7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAj"             \
	"VKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"

/* RFC 7520 section 4.3: P-521 and ES512. */
#define RFC7520_43_X "AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt"

#define RFC7520_43_Y "AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"

#define RFC7520_43_D "AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt"

#define RFC7520_43_INPUT                                                                                               \
	"eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3V"             \
	"zIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHl"             \
	"vdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9"             \
	"mZiB0by4"

#define RFC7520_43_SIG                                                                                                 \
	"AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPB"             \
	"u_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2"

/* RFC 7520 section 5.1: an RSA-2048 key and a content key under RSA1_5. */
#define RFC7520_51_N                                                                                                   \
	"maxhbsmBtdQ3CNrKvprUE6n9lYcregDMLYNeTAWcLj8NnPU9XIYegTHVHQjxKDSHP2l-F5jS7sppG1wgdAqZyhnWvXhYNvcM"             \
	"7RfgKxqNx_xAHx6f3yy7s-M9PSNCwPC2lh6UAkR4I00EhV9lrypM9Pi4lBUop9t5fS9W5UNwaAllhrd-osQGPjIeI1deHTwx"             \
	"-ZTHu3C60Pu_LJIl6hKn9wbwaUmA4cR5Bd2pgbaY7ASgsjCUbtYJaNIHSoHXprUdJZKUMAzV0WOKPfA6OPI4oypBadjvMZ4Z"             \
	"Aj3BnXaSYsEZhaueTXvZB4eZOAjIyh2e_VOIKVMsnDrJYAVotGlvMQ"

#define RFC7520_51_E "AQAB"

#define RFC7520_51_D                                                                                                   \
	"Kn9tgoHfiTVi8uPu5b9TnwyHwG5dK6RE0uFdlpCGnJN7ZEi963R7wybQ1PLAHmpIbNTztfrheoAniRV1NCIqXaW_qS461xiD"             \
	"Tp4ntEPnqcKsyO5jMAji7-CL8vhpYYowNFvIesgMoVaPRYMYT9TW63hNM0aWs7USZ_hLg6Oe1mY0vHTI3FucjSM86Nff4oIE"             \
	"Nt43r2fspgEPGRrdE6fpLc9Oaq-qeP1GFULimrRdndm-P8q8kvN3KHlNAtEgrQAgTTgz80S-3VD0FgWfgnb1PNmiuPUxO8Op"             \
	"I9KDIfu_acc6fg14nsNaJqXe6RESvhGPH2afjHqSy_Fd2vpzj85bQQ"

#define RFC7520_51_P                                                                                                   \
	"2DwQmZ43FoTnQ8IkUj3BmKRf5Eh2mizZA5xEJ2MinUE3sdTYKSLtaEoekX9vbBZuWxHdVhM6UnKCJ_2iNk8Z0ayLYHL0_G21"             \
	"aXf9-unynEpUsH7HHTklLpYAzOOx1ZgVljoxAdWNn3hiEFrjZLZGS7lOH-a3QQlDDQoJOJ2VFmU"

#define RFC7520_51_Q                                                                                                   \
	"te8LY4-W7IyaqH1ExujjMqkTAlTeRbv0VLQnfLY2xINnrWdwiQ93_VF099aP1ESeLja2nw-6iKIe-qT7mtCPozKfVtUYfz5H"             \
	"rJ_XY2kfexJINb9lhZHMv5p1skZpeIS-GPHCC6gRlKo1q-idn_qxyusfWv7WAxlSVfQfk8d6Et0"

#define RFC7520_51_CIPHER                                                                                              \
	"laLxI0j-nLH-_BgLOXMozKxmy9gffy2gTdvqzfTihJBuuzxg0V7yk1WClnQePFvG2K-pvSlWc9BRIazDrn50RcRai__3TDON"             \
	"395H3c62tIouJJ4XaRvYHFjZTZ2GXfz8YAImcc91Tfk0WXC2F5Xbb71ClQ1DDH151tlpH77f2ff7xiSxh9oSewYrcGTSLUee"             \
	"Ct36r1Kt3OSj7EyBQXoZlN7IxbyhMAfgIe7Mv1rOTOI5I8NQqeXXW8VlzNmoxaGMny3YnGir5Wf6Qt2nBq4qDaPdnaAuuGUG"             \
	"EecelIO1wx1BpyIfgvfjOhMBs9M8XL223Fg47xlGsMXdfuY-4jaqVw"

#define RFC7520_51_PLAIN "3qyTVhIWt5juqZUCpfRqpvauwB956MEJL2Rt-8qXKSo"

/* RFC 7520 section 5.2: an RSA-4096 key and a content key under RSA-OAEP. */
#define RFC7520_52_N                                                                                                   \
	"wbdxI55VaanZXPY29Lg5hdmv2XhvqAhoxUkanfzf2-5zVUxa6prHRrI4pP1AhoqJRlZfYtWWd5mmHRG2pAHIlh0ySJ9wi0Bi"             \
	"oZBl1XP2e-C-FyXJGcTy0HdKQWlrfhTm42EW7Vv04r4gfao6uxjLGwfpGrZLarohiWCPnkNrg71S2CuNZSQBIPGjXfkmIy2t"             \
	"l_VWgGnL22GplyXj5YlBLdxXp3XeStsqo571utNfoUTU8E4qdzJ3U1DItoVkPGsMwlmmnJiwA7sXRItBCivR4M5qnZtdw-7v"             \
	"4WuR4779ubDuJ5nalMv2S66-RPcnFAzWSKxtBDnFJJDGIUe7Tzizjg1nms0Xq_yPub_UOlWn0ec85FCft1hACpWG8schrOBe"             \
	"NqHBODFskYpUc2LC5JA2TaPF2dA67dg1TTsC_FupfQ2kNGcE1LgprxKHcVWYQb86B-HozjHZcqtauBzFNV5tbTuB-TpkcvJf"             \
	"NcFLlH3b8mb-H_ox35FjqBSAjLKyoeqfKTpVjvXhd09knwgJf6VKq6UC418_TOljMVfFTWXUxlnfhOOnzW6HSSzD1c9WrCuV"             \
	"zsUMv54szidQ9wf1cYWf3g5qFDxDQKis99gcDaiCAwM3yEBIzuNeeCa5dartHDb1xEB_HcHSeYbghbMjGfasvKn0aZRsnTyC"             \
	"0xhWBlsolZE"

#define RFC7520_52_E "AQAB"

#define RFC7520_52_D                                                                                                   \
	"n7fzJc3_WG59VEOBTkayzuSMM780OJQuZjN_KbH8lOZG25ZoA7T4Bxcc0xQn5oZE5uSCIwg91oCt0JvxPcpmqzaJZg1nirjc"             \
	"WZ-oBtVk7gCAWq-B3qhfF3izlbkosrzjHajIcY33HBhsy4_WerrXg4MDNE4HYojy68TcxT2LYQRxUOCf5TtJXvM8olexlSGt"             \
	"VnQnDRutxEUCwiewfmmrfveEogLx9EA-KMgAjTiISXxqIXQhWUQX1G7v_mV_Hr2YuImYcNcHkRvp9E7ook0876DhkO8v4UOZ"             \
	"LwA1OlUX98mkoqwc58A_Y2lBYbVx1_s5lpPsEqbbH-nqIjh1fL0gdNfihLxnclWtW7pCztLnImZAyeCWAG7ZIfv-Rn9fLIv9"             \
	"jZ6r7r-MSH9sqbuziHN2grGjD_jfRluMHa0l84fFKl6bcqN1JWxPVhzNZo01yDF-1LiQnqUYSepPf6X3a2SOdkqBRiquE6Ev"             \
	"LuSYIDpJq3jDIsgoL8Mo1LoomgiJxUwL_GWEOGu28gplyzm-9Q0U0nyhEf1uhSR8aJAQWAiFImWH5W_IQT9I7-yrindr_2fW"             \
	"Q_i1UgMsGzA7aOGzZfPljRy6z-tY_KuBG00-28S_aWvjyUc-Alp8AUyKjBZ-7CWH32fGWK48j1t-zomrwjL_mnhsPbGs0c9W"             \
	"sWgRzI-K8gE"

#define RFC7520_52_P                                                                                                   \
	"7_2v3OQZzlPFcHyYfLABQ3XP85Es4hCdwCkbDeltaUXgVy9l9etKghvM4hRkOvbb01kYVuLFmxIkCDtpi-zLCYAdXKrAK3Pt"             \
	"Sbtzld_XZ9nlsYa_QZWpXB_IrtFjVfdKUdMz94pHUhFGFj7nr6NNxfpiHSHWFE1zD_AC3mY46J961Y2LRnreVwAGNw53p07D"             \
	"b8yD_92pDa97vqcZOdgtybH9q6uma-RFNhO1AoiJhYZj69hjmMRXx-x56HO9cnXNbmzNSCFCKnQmn4GQLmRj9sfbZRqL94bb"             \
	"tE4_e0Zrpo8RNo8vxRLqQNwIy85fc6BRgBJomt8QdQvIgPgWCv5HoQ"

#define RFC7520_52_Q                                                                                                   \
	"zqOHk1P6WN_rHuM7ZF1cXH0x6RuOHq67WuHiSknqQeefGBA9PWs6ZyKQCO-O6mKXtcgE8_Q_hA2kMRcKOcvHil1hqMCNSXlf"             \
	"lM7WPRPZu2qCDcqssd_uMbP-DqYthH_EzwL9KnYoH7JQFxxmcv5An8oXUtTwk4knKjkIYGRuUwfQTus0w1NfjFAyxOOiAQ37"             \
	"ussIcE6C6ZSsM3n41UlbJ7TCqewzVJaPJN5cxjySPZPD3Vp01a9YgAD6a3IIaKJdIxJS1ImnfPevSJQBE79-EXe2kSwVgOzv"             \
	"t-gsmM29QQ8veHy4uAqca5dZzMs7hkkHtw1z0jHV90epQJJlXXnH8Q"

#define RFC7520_52_CIPHER                                                                                              \
	"rT99rwrBTbTI7IJM8fU3Eli7226HEB7IchCxNuh7lCiud48LxeolRdtFF4nzQibeYOl5S_PJsAXZwSXtDePz9hk-BbtsTBqC"             \
	"2UsPOdwjC9NhNupNNu9uHIVftDyucvI6hvALeZ6OGnhNV4v1zx2k7O1D89mAzfw-_kT3tkuorpDU-CpBENfIHX1Q58-Aad3F"             \
	"zMuo3Fn9buEP2yXakLXYa15BUXQsupM4A1GD4_H4Bd7V3u9h8Gkg8BpxKdUV9ScfJQTcYm6eJEBz3aSwIaK4T3-dwWpuBOhR"             \
	"OQXBosJzS1asnuHtVMt2pKIIfux5BC6huIvmY7kzV7W7aIUrpYm_3H4zYvyMeq5pGqFmW2k8zpO878TRlZx7pZfPYDSXZyS0"             \
	"CfKKkMozT_qiCwZTSz4duYnt8hS4Z9sGthXn9uDqd6wycMagnQfOTs_lycTWmY-aqWVDKhjYNRf03NiwRtb5BE-tOdFwCASQ"             \
	"j3uuAgPGrO2AWBe38UjQb0lvXn1SpyvYZ3WFc7WOJYaTa7A8DRn6MC6T-xDmMuxC0G7S2rscw5lQQU06MvZTlFOt0UvfuKBa"             \
	"03cxA_nIBIhLMjY2kOTxQMmpDPTr6Cbo8aKaOnx6ASE5Jx9paBpnNmOOKH35j_QlrQhDWUN6A2Gg8iFayJ69xDEdHAVCGRzN"             \
	"3woEI2ozDRs"

#define RFC7520_52_PLAIN "mYMfsggkTAm0TbvtlFh2hyoXnbEzJQjMxmgLN3d8xXA"

/* Made with OpenSSL, for algorithms that the RFCs show no example of: under the key of RFC 7515 A.2, over its input. */
#define OPENSSL_OAEP_256_CIPHER                                                                                        \
	"SdgWmx_Scl9gfrL75jG6KuGHb0L4soV8gZc0jXT5uSpY4E-zlTkw_8lmse2WH_cgUmQVt_MAjMcsK9YGWzdR6xUU4LloYjQR"             \
	"pD6IWMFE_7wPyYIwndCjgmRULyge9gybeTz0frKNRu07Wjtc55JaJL9Uv3RE-3CdyJNQE7Isp-XS4oumuVpc9yYS9dn454ly"             \
	"mNMJbIvsdFEi6O8WNnB6VWPZ03zAe4Si-F1RnMzs9pUgE30C4m9znxXk3bwqhuTnexH0oE6Z5gmhhFTQfAkWelODMFzdv5y1"             \
	"6S5vSEyTI4xUpD--X59n5cr_HheM-nRpDQEj3F-1_QTgodwu7N34Tw"

#define OPENSSL_PS256_SIG                                                                                              \
	"JKxx1LcwV5k0EUDTDNtZ53-4pczGyDckXuJHF3ZHi_HjHfoXsJcbpzohcjGepsksTsf_uPKYuRn5prQ_JVKN5-egMk0ejl2K"             \
	"61Eq3CSXyu_sDj7dIkpucnJLY7o9shVoCbbQjYvT0nwCcwHZms82GrEcIjt6BEhIEdlEFfKaTjIr63iYAxN0HVcERPl7gCh6"             \
	"VvB9WmNt-2N-QcktQn6g9mT3P7TEnU9sE0o51miRFSkySWuN3Hq_z33Ae4Ri8O_UgTsNCB8onrLBalllGwMbBcopMbD5Gkqh"             \
	"ojfuGERUTbYfeWBtE_tQUHRDfXa2Gs7-EZdvS0CdAFn1KNAAcAJbsw"

#define OPENSSL_PS512_SIG                                                                                              \
	"YIRdX91DLXGe3O1qTotaQkV0i8QfG1gFBvolB6ay0bppbHb6LVuVvnL4VgUoLwM13RyfaRLbI5IDIMIm258q-Hr-b5L4p4hj"             \
	"k0wQNFat99PkoKCoEIZpf0anr6JryJyouj7GMj5G4EfnPmJox7eUO9tqf7ZhGCWRbW0LVPGuTFePYsKP-qySd4p2Ma_gqzGX"             \
	"6f7AOpR2tCRAhhDnvs-6xSGiiurCO-aO5jVMNdsRHfifPCB3lOMlQdYxHBU_kKh94RcO8X3Ob6rCHD6nBH69W2pm8dvOqlII"             \
	"Rnu44ydnrAyNqu1AS4mskWLyj-IQnKnXw-PPH24iyCSbpzFs1BDtHw"

#define OPENSSL_PS256_SALT20_SIG                                                                                       \
	"Bzsd64KwiUJEY2__eGKCwmW9SS4KkY6nYwy_GzxTSI9sbkIh7NnKb6AzKlfohs_Dq4M9s_FFcS8Lh-_pLp0UcdYBnCHrQ8h6"             \
	"BmWcIJi4JnbF6BSeXpbI0PA7-Dh-XhSlREGrA_nY_A5pGNE1QHYy0bU57VjooNIBj7XImCPa52fK8I7Bz_YC06hnqkpcgAb_"             \
	"Pq2b-e4OceFXq6yre6hVK1TYcQFjZzg_N7YgS2nAnPAu3GEbfF7HMq7nF47X5XWcT_6l0WmAwPppQBF61qwND3wfnMpa5ruB"             \
	"mLdIbYCpDbl6Kz2H5aDXxeiahSnYQx9z-Ui3NAsCK1H5SlzQNKCXYg"

#define OPENSSL_RS512_SIG                                                                                              \
	"jVVNFquIjYtsXWDHTCFaq0UoNhuL2qq0KNQ3hx6V-dfxtc2obZ81vcL-mpmCxsnW5VzZtAuEM__uUpFTtoP65kGyVR8ebwUM"             \
	"hr_ra0JzpO4fS1SrHTu-f-GqPoN9LYXM_7pmT2dYbGw2-AqbLTutv-lBG04TQHbgJ3ISx14bjdACIRh8DGtQwvHQBpV_S-KM"             \
	"_yweOiqt5ff5GckMaaGqSuDTlVupVE46NfXiE3tjf3PnnztWuOJ-lNNtQ0ojc-jGX7DpreVDWFkh4WpnC_dPVlhTpq8F-mKS"             \
	"sOEBc4B7-J_bnR80VNx2sCEq3GH49TRs2js-J0VIef8hX7H-3aQt4g"

#define OPENSSL_ES256K_X "KVpHM_xjjDJdJmG6UQbwE9c2byEO01oqJCS3BCnunWo"

#define OPENSSL_ES256K_Y "OIz4MeYENHeVF-dsQUK21mdMGGlac3-BwITdOHSL-EQ"

#define OPENSSL_ES256K_D "UedJ7q8U5VhQQ-MPyaNTRojAlDH9O6dVA8M2Woa-KsM"

#define OPENSSL_ES256K_SIG "UYIIW3bQFnBAvDMybB6Mk7jiwGKeH2UtlA7IXG1YoUntvS5tn-lUQNANubpzDBmOgD15exiwVyz_K1Nr08AdYQ"

#define OPENSSL_ES384_X "3ra8QPnI8aPn5191ippJHvjt4hfaiJXrzSv0oBSfcDmAONB2dWxJptInEbCgpHYu"

#define OPENSSL_ES384_Y "nMVF4YO425kT82vPkqXDvmK-zxH9BzOoPiwvthRbfOnsllrybU0toHQEBY4uPYaV"

#define OPENSSL_ES384_D "FVVZg9qk7kA3smZu1CktNvBw1x57sYQTRPFnzJFe6ssYL41dqPciPcYw1EaIXrfU"

#define OPENSSL_ES384_SIG                                                                                              \
	"_bFw8UOHmI9XQ7c_hSeasmSWt8HayUBVTStCjCdXTN0GIumg9R0XP4ddQY4arO27BZS_ops7qyUF5WmidtBhi0qWGl4Oskip"             \
	"tKoFMy0xHN96ArYVkHxB3C7uU9-tAX3b"

/* Made up: p is a product of two primes, and yet e, d, p, q fit together in every check but one for primes. */
#define COMPOSITE_N                                                                                                    \
	"i6extwqvokYloN_RsO-HAwQmcWm143o_ufxL0hSIjKMd6G7yV3i1At0TVipHox-L9FvyWkYX3Lr9WhG_-0beUCY1Yxh-15St"             \
	"fr6XvwD8a1XpKnN-fyervyAas-tztcJNYEE71M82y9821GZ0iPfP0prG9zYe1XHSzCiC50Jp_PGOheZeBckxFiDCBvvdxRmz"             \
	"3oJxcb2wYDOHI-BAUvEjrnn91N39Kc89134jmD_0oqK1wbZnrcVx8l9WWdoHPYYNeZ_EuXAhvoAhbN2whrkvjN6sEQLEpGaj"             \
	"WBJprS6-wAXCAY1_8cDTCcUbpoZZ9SF2G0wjGiSZH67fkdCSI9y8ew"

#define COMPOSITE_E "AQAB"

#define COMPOSITE_D                                                                                                    \
	"At9cJGuv2SKgO4LfCUij-kfnkoWeHCOzk9vAo32QoXPpdZJyoaH19y0c7LTJ7G0Fr-0EOx8d9ohSFbwvurdmczeV-YfTdBO2"             \
	"zdiVvnQCvSJzPVBK1cq3GaNLaU_6fU6V0NkGpgXtFpxswEmrM_YE7EwKs6MFV1aUA2cB6kfPbkhx4WPrDoZJl1gzZtQWK80Y"             \
	"mTrFz0m2FZYPwtWRUgrQRVWVaUNvmXGA8f8q9C_bfHfcZtR4R70NbczMSPFDAkg6_1OcLOI6-5egYpZ4fjMSVCmd2Wzx6SR1"             \
	"ZDjnfvnFKbhBqgGSlRxLRx6Yq8FIEPvFyT2cCC-gAF74CYqJouD2AQ"

#define COMPOSITE_P                                                                                                    \
	"ti4XoRj6m4-27tcAXW8IFuaS_BGeSefKKuN-JcoIKFXLPnPmyQSAVIzn_npgKMcv9-o_L7fgCseqZtKYuKcl72FX0jdYsouW"             \
	"o2MuRmPXJOSAPfsYUut7cN1Xl7JOEFm1wNdLvXXS-ph76VBqdU1SAwsEoU9APyNkLxdFXZN5UcE"

#define COMPOSITE_Q                                                                                                    \
	"xD5l0n2kyBx7iO07Hx-De9y1JfsuVSHI0dOAdcQjCP3uy8CFF982JihhjI0CCtiImyWLI2kb4CsLI5z9tTnX5fcfBWfOiK49"             \
	"DrWVAGshwFunu8BOFWi0x__9uO8-F1PPveL-zJwMKFEGY0REMDCTq9guMnLWpG5vEyKyGneWJTs"

/* Made up: e * d - 1 can be halved a thousand times, for e = 65537. */
#define HALVINGS_D                                                                                                     \
	"__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA"             \
	"__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAD__wAA__8AAP__AAE"

#endif
