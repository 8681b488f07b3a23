//! Ethnicity 民族, GB/T 3304-1991.

super::code_list! {
    /// One of the 56 ethnicities of GB/T 3304-1991, by number; the standard's two letters are read too.
    pub enum Ethnicity ("ethnicities", "民族") {
        Han = "han", "01", "汉族", "Han" ["HA"];
        Mongol = "mongol", "02", "蒙古族", "Mongol" ["MG"];
        Hui = "hui", "03", "回族", "Hui" ["HU"];
        Zang = "zang", "04", "藏族", "Zang" ["ZA", "Tibetan"];
        Uygur = "uygur", "05", "维吾尔族", "Uygur" ["UG"];
        Miao = "miao", "06", "苗族", "Miao" ["MH"];
        Yi = "yi", "07", "彝族", "Yi";
        Zhuang = "zhuang", "08", "壮族", "Zhuang" ["ZH"];
        Buyei = "buyei", "09", "布依族", "Buyei" ["BY"];
        Chosen = "chosen", "10", "朝鲜族", "Chosen" ["CS", "Korean"];
        Man = "man", "11", "满族", "Man" ["MA", "Manchu"];
        Dong = "dong", "12", "侗族", "Dong" ["DO"];
        Yao = "yao", "13", "瑶族", "Yao" ["YA"];
        Bai = "bai", "14", "白族", "Bai" ["BA"];
        Tujia = "tujia", "15", "土家族", "Tujia" ["TJ"];
        Hani = "hani", "16", "哈尼族", "Hani" ["HN"];
        Kazak = "kazak", "17", "哈萨克族", "Kazak" ["KZ"];
        Dai = "dai", "18", "傣族", "Dai" ["DA"];
        Li = "li", "19", "黎族", "Li";
        Lisu = "lisu", "20", "傈僳族", "Lisu" ["LS"];
        Va = "va", "21", "佤族", "Va";
        She = "she", "22", "畲族", "She" ["SH"];
        Gaoshan = "gaoshan", "23", "高山族", "Gaoshan" ["GS"];
        Lahu = "lahu", "24", "拉祜族", "Lahu" ["LH"];
        Sui = "sui", "25", "水族", "Sui" ["SU"];
        Dongxiang = "dongxiang", "26", "东乡族", "Dongxiang" ["DX"];
        Naxi = "naxi", "27", "纳西族", "Naxi" ["NX"];
        Jingpo = "jingpo", "28", "景颇族", "Jingpo" ["JP"];
        Kirgiz = "kirgiz", "29", "柯尔克孜族", "Kirgiz" ["KG"];
        Tu = "tu", "30", "土族", "Tu";
        Daur = "daur", "31", "达斡尔族", "Daur" ["DU"];
        Mulao = "mulao", "32", "仫佬族", "Mulao" ["ML"];
        Qiang = "qiang", "33", "羌族", "Qiang" ["QI"];
        Blang = "blang", "34", "布朗族", "Blang" ["BL"];
        Salar = "salar", "35", "撒拉族", "Salar" ["SL"];
        Maonan = "maonan", "36", "毛南族", "Maonan" ["MN"];
        Gelao = "gelao", "37", "仡佬族", "Gelao" ["GL"];
        Xibe = "xibe", "38", "锡伯族", "Xibe" ["XB"];
        Achang = "achang", "39", "阿昌族", "Achang" ["AC"];
        Pumi = "pumi", "40", "普米族", "Pumi" ["PM"];
        Tajik = "tajik", "41", "塔吉克族", "Tajik" ["TA"];
        Nu = "nu", "42", "怒族", "Nu";
        Uzbek = "uzbek", "43", "乌孜别克族", "Uzbek" ["UZ"];
        Russ = "russ", "44", "俄罗斯族", "Russ" ["RS"];
        Ewenki = "ewenki", "45", "鄂温克族", "Ewenki" ["EW"];
        Deang = "deang", "46", "德昂族", "Deang" ["DE"];
        Bonan = "bonan", "47", "保安族", "Bonan" ["BO"];
        Yugur = "yugur", "48", "裕固族", "Yugur" ["YG"];
        Gin = "gin", "49", "京族", "Gin" ["GI"];
        Tatar = "tatar", "50", "塔塔尔族", "Tatar" ["TT"];
        Derung = "derung", "51", "独龙族", "Derung" ["DR"];
        Oroqen = "oroqen", "52", "鄂伦春族", "Oroqen" ["OR"];
        Hezhen = "hezhen", "53", "赫哲族", "Hezhen" ["HZ"];
        Monba = "monba", "54", "门巴族", "Monba" ["MB"];
        Lhoba = "lhoba", "55", "珞巴族", "Lhoba" ["LB"];
        Jino = "jino", "56", "基诺族", "Jino" ["JN"];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethnicity_is_read_with_and_without_zu_and_from_a_drop_down() {
        for text in ["汉族", "汉", "868_汉族", "01", "1", "han", " 汉\u{3000}族"] {
            assert_eq!(Ethnicity::parse(text), Ok(Ethnicity::Han), "{text}");
        }
        assert_eq!(Ethnicity::parse("土家"), Ok(Ethnicity::Tujia));
        assert_eq!(Ethnicity::parse("土"), Ok(Ethnicity::Tu));
        assert_eq!(Ethnicity::ALL.len(), 56);
        assert_eq!(
            Ethnicity::ALL.last().map(|last| (last.code(), last.zh())),
            Some(("56", "基诺族"))
        );
    }
}
